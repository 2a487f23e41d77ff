# MS-COCO 2014, multi-label: official release. Sizes of images and batches stand in images.py.

_base_ = 'images.py'

data_root = 'data/coco/'

# Printed when a file in its folder, or one of these, is not there.
data_help = dict(folder=data_root, files=('instances_*2014.json', '*2014'),
                 text='''MS-COCO 2014 is used as it is released (https://cocodataset.org/#download):
  1. download train2014.zip (13 GB), val2014.zip (6 GB) and annotations_trainval2014.zip
  2. unpack them into data/coco, which then holds train2014/*.jpg, val2014/*.jpg and annotations/instances_*2014.json
For the configs with a label graph also:
  3. download conceptnet-assertions-5.7.0.csv.gz (ConceptNet) and glove.6B.300d.txt (GloVe) into data/
  4. build the label graph:
     python tools/build_label_graph.py configs/kssnet_r101_coco.py -o data/coco/label_graph.npz \\
         --conceptnet data/conceptnet-assertions-5.7.0.csv.gz --words data/glove.6B.300d.txt
The weights that training starts from are downloaded by torchvision on first use (torchvision://resnet101).''')

train_dataloader = dict(
    dataset=dict(
        type='kss_mm.CocoMultiLabel',
        data_root=data_root,
        ann_file='annotations/instances_train2014.json',
        data_prefix=dict(img_path='train2014')))
val_dataloader = dict(
    dataset=dict(
        type='kss_mm.CocoMultiLabel',
        data_root=data_root,
        ann_file='annotations/instances_val2014.json',
        data_prefix=dict(img_path='val2014')))
test_dataloader = val_dataloader

val_evaluator = dict(type='kss_mm.KSSMultiLabelMetric')
test_evaluator = val_evaluator
