#!/usr/bin/env bash
# The table of docs/results.md, from nothing: draws its videos, builds its label graphs, trains every run.
#
#   bash tools/toy_table.sh --jobs 2      # arguments go to tools/ablate.py; stopped, it goes on where it was
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

data=data/toy_table
# 600 videos to train on, and 400 more to choose the learning rates with.
if [ ! -f $data/Charades/Charades_v1_test.csv ]; then
    python tools/make_toy_charades.py --out $data --train 1000 --test 400
fi
for videos in 600 150; do
    graph=$data/label_graph_$videos.npz
    [ -f $graph ] || python tools/build_label_graph.py configs/kssnet_i3d_toy.py --out $graph \
        --cfg-options train_dataloader.dataset.ann_file=$data/Charades/Charades_v1_train.csv \
        train_dataloader.dataset.data_prefix.video=$data/Charades_v1_480 train_dataloader.dataset.indices=$videos \
        --conceptnet $data/conceptnet.csv --charades-mapping $data/Charades/Charades_v1_mapping.txt \
        --words $data/words.txt
done
python tools/ablate.py configs/ablations/toy_charades.yaml --work-dir work_dirs/toy_table "$@"
