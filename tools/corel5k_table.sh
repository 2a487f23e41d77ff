#!/usr/bin/env bash
# The tables of Corel-5k in docs/results.md, from data/corel5k: label graphs, features of the frozen stages, every run.
#
#   bash tools/corel5k_table.sh --jobs 2      # arguments go to tools/ablate.py; stopped, it goes on where it was
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

data=data/corel5k
config=configs/kssnet_lite0_corel5k.py
words=${WORDS:-data/glove.6B.300d.txt}
conceptnet=${CONCEPTNET:-data/conceptnet-assertions-5.7.0.csv.gz}

graph() { # FILE CONFIG OPTION...: of the training pictures and labels that config and options leave
    local file=$data/$1 config=$2
    shift 2
    [ -f "$file" ] || python tools/build_label_graph.py "$config" --out "$file" --conceptnet "$conceptnet" \
        --words "$words" ${*:+--cfg-options "$@"}
}
features() { # FOLDER OPTION...: of the pictures that the options choose
    local folder=$data/$1
    shift
    [ -f "$folder/val.json" ] || python tools/cache_features.py configs/lite0_corel5k.py --out "$folder" \
        ${*:+--cfg-options "$@"}
}

graph label_graph.npz $config
graph label_graph_quarter.npz $config train_dataloader.dataset.share=.25
features features
for kept in half:.5 quarter:.25; do
    graph label_graph_${kept%:*}_kept.npz configs/ablations/partial_kssnet_lite0_corel5k.py \
        train_dataloader.dataset.pipeline.0.share=${kept#*:}
done
# To choose learning rates with, every ninth training picture is held out.
features features_held_out train_dataloader.dataset.part=fit val_dataloader.dataset.split=train \
    val_dataloader.dataset.part=held_out
python tools/ablate.py configs/ablations/corel5k.yaml --work-dir work_dirs/corel5k_table "$@"
python tools/ablate.py configs/ablations/corel5k_partial.yaml --work-dir work_dirs/corel5k_partial "$@"
