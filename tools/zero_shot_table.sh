#!/usr/bin/env bash
# The table of docs/unseen_labels.md: labels that no run was trained on, on Toy Charades and Corel-5k, three splits each.
#
#   bash tools/zero_shot_table.sh toy_charades corel5k      # stopped, it goes on where it was
#
# Corel-5k, ConceptNet and word vectors lie in data/, as tools/corel5k_table.sh has them; Toy Charades is drawn.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

toy=data/toy_table
work=${WORK:-work_dirs/zero_shot}

setup() { # DATA: config, sources of the graph, options of every run
    if [ "$1" = toy_charades ]; then
        config=configs/kssnet_i3d_toy.py head=model.cls_head backbone=model.backbone. classes=40
        conceptnet=$toy/conceptnet.csv words=$toy/words.txt
        [ -f $toy/Charades/Charades_v1_test.csv ] || python tools/make_toy_charades.py --out $toy --train 1000 --test 400
        for loader in train val test; do
            options+=("${loader}_dataloader.dataset.data_prefix.video=$toy/Charades_v1_480"
                "${loader}_dataloader.dataset.ann_file=$toy/Charades/Charades_v1_$([ $loader = train ] && echo train || echo test).csv"
                "${loader}_dataloader.dataset.pipeline.1.clip_len=9" "${loader}_dataloader.num_workers=0")
        done
        # The size of the runs of tools/toy_table.sh.
        options+=(train_dataloader.dataset.indices=600 model.backbone.width=.25 model.cls_head.in_channels=256
            optim_wrapper.optimizer.lr=.003 train_cfg.max_epochs=8 train_cfg.val_begin=8 param_scheduler.0.end=3
            param_scheduler.1.begin=3 param_scheduler.1.T_max=5 param_scheduler.1.end=8 model.cls_head.residual_fc=true
            val_evaluator.type=kss_mm.KSSMultiLabelMetric test_evaluator.type=kss_mm.KSSMultiLabelMetric)
    else
        config=configs/kssnet_lite0_corel5k.py head=model.head backbone=model.backbone.backbone. classes=260
        conceptnet=${CONCEPTNET:-data/conceptnet-assertions-5.7.0.csv.gz} words=${WORDS:-data/glove.6B.300d.txt}
        options+=(cached_features=data/corel5k/features optim_wrapper.optimizer.lr=.002 train_cfg.val_interval=8
            train_dataloader.num_workers=0 val_dataloader.num_workers=0
            val_evaluator.frequency=None test_evaluator.frequency=None)
    fi
}

run() { # DATA SPLIT ROW OPTION...: train without the unseen labels, add them, evaluate all
    local data=$1 split=$2 row=$3 folder=$work/$1/split_$2/$3 unseen=configs/splits/$1_unseen_$2.txt vectors=$words
    shift 3
    [ -f "$folder/scores.npz" ] && return
    mkdir -p "$folder"
    mapfile -t labels < "$unseen"
    [ "$row" != knowledge ] || vectors=$work/$data/one_hot.npz
    local held_out=()
    for loader in train val test; do held_out+=("${loader}_dataloader.dataset.held_out=$unseen"); done
    local seen=$((classes - ${#labels[@]})) graph=$folder/label_graph.npz
    # Names alone say which concepts a label has, of labels that are trained as of those that are added.
    [ -f "$graph" ] || python tools/build_label_graph.py $config --out "$graph" --conceptnet "$conceptnet" \
        --words "$vectors" --missing-words zero --cfg-options "${options[@]}" "${held_out[@]}"
    python tools/train.py $config --work-dir "$folder/run" --seed "$split" --resume --cfg-options "${options[@]}" \
        "${held_out[@]}" model.neck.graph="$graph" $head.prior="$graph" $head.num_classes=$seen \
        "${backbone}num_classes=$seen" $head.hold_out=.5 "$@"
    rm -f "$folder"/model_*.pth
    python tools/publish_model.py "$(cat "$folder/run/last_checkpoint")" "$folder/model"
    python tools/add_labels.py "$folder"/model_*.pth "${labels[@]}" -o "$folder/wider.pth" --conceptnet "$conceptnet" \
        --words "$vectors" --missing-words zero
    python tools/test.py "$folder/wider.pth" --work-dir "$folder/test" --dump "$folder/scores.npz" \
        --cfg-options test_dataloader.dataset.held_out=None test_evaluator.unseen="$unseen"
}

one_hot() { # DATA: an embedding for each label that says no more than which it is
    local file=$work/$1/one_hot.npz
    mkdir -p "$work/$1"
    [ -f "$file" ] || python - "$file" $config "${options[@]}" <<'PY'
import sys

import numpy as np

import kss_mm
from kss_mm.apis.dataset_labels import read_config_labels
from kss_mm.graph.word_forms import phrase

names = read_config_labels(kss_mm.load_config(sys.argv[2], sys.argv[3:])).classes
np.savez(sys.argv[1], words=[phrase(name) for name in names], vectors=np.eye(len(names), dtype=np.float32))
PY
}

for data in "${@:-toy_charades}"; do
    options=()
    setup "$data"
    one_hot "$data"
    for split in ${SPLITS:-0 1 2}; do
        run "$data" $split graph
        run "$data" $split words model.neck.eta=0  # no neighbours: a network of word vectors
        run "$data" $split knowledge               # embeddings that say no more than which label is which
        run "$data" $split no_hold_out $head.hold_out=0
    done
    python tools/zero_shot.py "$work/$data"
done
