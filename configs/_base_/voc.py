# PASCAL VOC 2007, multi-label, by MMPretrain's own dataset: trainval and test. Sizes of images and batches
# stand in images.py.

_base_ = 'images.py'

data_root = 'data/VOC2007'

# Printed when a file in its folder, or one of these, is not there.
data_help = dict(folder=data_root, files=('VOC2007', 'VOCdevkit'),
                 text='''PASCAL VOC 2007 is used as it is released (http://host.robots.ox.ac.uk/pascal/VOC/voc2007/):
  1. download VOCtrainval_06-Nov-2007.tar and VOCtest_06-Nov-2007.tar, unpack both, and move VOCdevkit/VOC2007 to data/,
     so that data/VOC2007 holds JPEGImages, Annotations and ImageSets
  2. download conceptnet-assertions-5.7.0.csv.gz (ConceptNet) and glove.6B.300d.txt (GloVe) into data/
  3. build the label graph (three classes are two words in one, which the last two options are for):
     python tools/build_label_graph.py configs/kssnet_r50_voc.py -o data/VOC2007/label_graph.npz \\
         --conceptnet data/conceptnet-assertions-5.7.0.csv.gz --words data/glove.6B.300d.txt \\
         --concepts configs/_base_/voc_concepts.json --missing-words nearest-prefix''')

test_pipeline = [
    *_base_.test_pipeline[:-1],
    dict(type='PackInputs', meta_keys=('sample_idx', 'img_path', 'ori_shape', 'img_shape', 'gt_label_difficult')),
]

train_dataloader = dict(dataset=dict(type='kss_mm.VocMultiLabel', data_root=data_root, split='trainval'))
val_dataloader = dict(
    dataset=dict(type='kss_mm.VocMultiLabel', data_root=data_root, split='test', pipeline=test_pipeline))
test_dataloader = val_dataloader

# The host's counts no object marked as difficult, neither for nor against, as VOC's own does; in per cent.
val_evaluator = [dict(type='VOCAveragePrecision', prefix='voc'), dict(type='kss_mm.KSSMultiLabelMetric')]
test_evaluator = val_evaluator
