#!/usr/bin/env bash
# From nothing to a trained KSSNet: makes Toy Charades and its label graph, trains, evaluates, predicts one video.
#
#   bash tools/demo.sh                       # configs/kssnet_i3d_toy.py
#   bash tools/demo.sh configs/i3d_toy.py    # any config on Toy Charades
set -euo pipefail
SECONDS=0
config=${1:-configs/kssnet_i3d_toy.py}
[[ -f $config ]] && config=$(realpath --relative-to="$(dirname "${BASH_SOURCE[0]}")/.." "$config")
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

data=data/toy_charades
run=work_dirs/demo/$(basename "$config" .py)

if [ ! -f $data/Charades/Charades_v1_test.csv ]; then
    echo "== 1/5 Drawing Toy Charades"
    python tools/make_toy_charades.py --out $data
fi
if [ ! -f $data/label_graph.npz ]; then
    echo "== 2/5 Building its label graph: co-occurrence, ConceptNet, word vectors"
    python tools/build_label_graph.py configs/kssnet_i3d_toy.py --out $data/label_graph.npz \
        --conceptnet $data/conceptnet.csv --charades-mapping $data/Charades/Charades_v1_mapping.txt \
        --words $data/words.txt
    python tools/show_label_graph.py $data/label_graph.npz --out $data/label_graph.png
fi
echo "== 3/5 Training $config"
python tools/train.py "$config" --work-dir "$run"
checkpoint=$(cat "$run/last_checkpoint")
echo "== 4/5 Evaluating $checkpoint on held-out videos"
python tools/test.py "$config" "$checkpoint" --work-dir "$run" | tee "$run/test.log"
echo "== 5/5 Predicting one held-out video"
videos=($data/Charades_v1_480/V*.mp4)
video=${videos[0]}
python tools/predict.py "$config" "$checkpoint" "$video" --truth --out "$run/prediction.png" --top 8

echo
echo "== Done in $((SECONDS / 60)) min $((SECONDS % 60)) s"
grep -o 'charades/.*prior_mAP: [0-9.]*' "$run/test.log" | tail -n 1
echo "   mAP: class-wise, Charades protocol; prior_mAP: what the label frequencies alone score"
echo "checkpoint  $checkpoint"
echo "prediction  $run/prediction.png"
echo "videos      $data/Charades_v1_480"
echo "label graph $data/label_graph.npz, drawn in $data/label_graph.png"
echo "Again: python tools/train.py CONFIG, python tools/test.py CONFIG CHECKPOINT (in .venv)"
