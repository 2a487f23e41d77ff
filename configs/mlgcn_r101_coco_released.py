# ML-GCN as its released code has it (github.com/megvii-research/ML-GCN): the network of mlgcn_r101_coco.py with the
# adjacency normalised once and transposed, no tanh, its initialisation, its class order and its training script's
# defaults. tools/convert_checkpoint.py turns its checkpoints into ones of this config.

_base_ = ['_base_/coco.py', '_base_/mlgcn_schedule.py', '_base_/runtime.py']

# ---- what people change; the values are the released code's
label_graph = 'data/coco/label_graph_mlgcn.npz'  # holds the released counts and words, see data_help below
num_classes = 80
pretrained = 'torchvision://resnet101'
gcn_channels = (1024, 2048)
normalize = 'mlgcn'  # the adjacency, once and transposed; mlgcn_r101_coco.py has 'paper'
tanh = False  # of label embeddings; mlgcn_r101_coco.py has it
class_order = 'alphabetical'  # COCO's own is 'category_id'
batch_size = 16  # images; its README evaluates with 32
lr = 0.1  # of the graph convolutions, a tenth of it for the backbone; the paper has 0.01
max_epochs = 20  # without a drop, as its only step is at epoch 30; the paper has 100, with drops at 40 and 80

# Printed when a file in its folder, or one of these, is not there.
data_help = dict(folder={{_base_.data_root}}, files=('instances_*2014.json', '*2014'),
                 text='''MS-COCO 2014 is used as it is released (https://cocodataset.org/#download),
its label graph as in the released code of ML-GCN:
  1. download train2014.zip (13 GB), val2014.zip (6 GB) and annotations_trainval2014.zip
  2. unpack them into data/coco, which then holds train2014/*.jpg, val2014/*.jpg and annotations/instances_*2014.json
  3. copy coco_adj.pkl and coco_glove_word2vec.pkl from data/coco of https://github.com/megvii-research/ML-GCN to
     data/coco; they are pickles, which can run any code when they are read: if you trust them, turn them into plain
     arrays once (82081 is the number of training images, which they do not hold),
     (cd data/coco && python -c "import pickle, numpy as np; read = lambda name: pickle.load(open(name, 'rb'), \\
         encoding='latin1'); np.savez('coco_adj.npz', total=82081, **read('coco_adj.pkl')); \\
         np.save('coco_words.npy', read('coco_glove_word2vec.pkl'))")
  4. put both into a label graph:
     python tools/build_label_graph.py configs/mlgcn_r101_coco_released.py --counts data/coco/coco_adj.npz \\
         --words data/coco/coco_words.npy -o data/coco/label_graph_mlgcn.npz
     (to convert or try a checkpoint without the data set, --classes names.txt stands in for the config)''')

train_dataloader = dict(batch_size=batch_size, dataset=dict(class_order=class_order))
val_dataloader = dict(dataset=dict(class_order=class_order))
test_dataloader = val_dataloader

optim_wrapper = dict(optimizer=dict(lr=lr))
param_scheduler = [dict(type='MultiStepLR', milestones=[30], gamma=0.1, end=max_epochs)]
train_cfg = dict(max_epochs=max_epochs)
auto_scale_lr = dict(base_batch_size=batch_size)

default_scope = 'mmpretrain'

model = dict(
    type='kss_mm.KSSNetClassifier',
    backbone=dict(type='ResNet', depth=101, init_cfg=dict(type='Pretrained', checkpoint=pretrained)),
    # The statistical graph alone, all its edges, and its own self-loops.
    neck=dict(type='kss_mm.LabelGCN', graph=label_graph, channels=gcn_channels, lam=1., tau=0., eta=1.,
              normalize=normalize, weight_init='uniform'),
    # The release takes the maximum over 14x14, which at 448 pixels are all positions.
    head=dict(type='kss_mm.KSSClsHead', num_classes=num_classes, in_channels=gcn_channels[-1], pool='max', tanh=tanh))
