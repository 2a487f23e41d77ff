# KSSNet with Inception-I3D as its released code has it (github.com/mathkey/mssnet): the network of
# kssnet_i3d_charades.py with factorised graph convolutions, biases, a fully connected classifier beside the GCN's, and
# a superimposed matrix that is given. tools/convert_checkpoint.py turns its checkpoints into ones of this config.

_base_ = ['_base_/charades.py', '_base_/charades_schedule.py', '_base_/runtime.py']

# ---- what people change; the values are the released code's
label_graph = 'data/charades/label_graph_released.npz'  # holds the released adjacency and words, see data_help below
num_classes = 157
pretrained = 'torchvision://googlenet'  # BN-Inception on ImageNet, inflated to 3D; a name, a URL or a file
lam = None  # nothing is mixed: the superimposed matrix is taken as it is; 0.6 mixes the graphs as the paper does
tau = 0.03  # weaker edges are dropped (eq. 3)
eta = 0.4  # share of the neighbours against the self-loop (eq. 4)
gcn_channels = (192, 480, 832, 1024)  # of Conv3d_2c, Mixed_3c, Mixed_4f, Mixed_5c
gcn_rank = 'auto'  # each weight is (in, m)(m, out), m = max(32, (in + out) // 8); the paper has one (in, out)
gcn_bias = True  # the paper has none
residual_fc = True  # a plain classifier is added to the GCN's; the paper has none
dropout = 0.5
crop_scales = (1, .875, .75, .66, .5)  # shares of the shorter side, for width and height each

# Its training script also differs in what _base_/charades_schedule.py holds: Adam at 1e-3 with weight decay 1e-4
# for every parameter alike (its multipliers are never read). Its graph convolutions start from a uniform distribution,
# ours by He as the paper says.

# Printed when a file in its folder, or one of these, is not there.
data_help = dict(folder={{_base_.data_root}}, files=('Charades_v1_*',),
                 text='''Charades is used as it is released
(https://prior.allenai.org/projects/charades), its label graph as in the released code of KSSNet:
  1. download Charades.zip (annotations) and Charades_v1_480.zip (videos, 15 GB)
  2. unpack both into data/charades, which then holds Charades/Charades_v1_train.csv and Charades_v1_480/*.mp4
  3. copy class_graph_conceptnet_context_0.8.pkl and class_word.pkl from data/Charades_v1/gcn_info of
     https://github.com/mathkey/mssnet to data/charades; they are pickles, which can run any code when they are read:
     if you trust them, turn them into plain arrays once,
     (cd data/charades && python -c "import pickle, numpy as np; [np.save(n + '.npy', pickle.load(open(n + '.pkl', \\
         'rb'), encoding='latin1')) for n in ('class_graph_conceptnet_context_0.8', 'class_word')]")
  4. put both into a label graph:
     python tools/build_label_graph.py configs/kssnet_i3d_charades_released.py \\
         --superimposed data/charades/class_graph_conceptnet_context_0.8.npy --words data/charades/class_word.npy \\
         -o data/charades/label_graph_released.npz
     (to convert or try a checkpoint without the data set, --classes names.txt stands in for the config)''')

train_pipeline = [
    dict(type='kss_mm.SafeDecordInit'),
    dict(type='UniformSample', clip_len={{_base_.num_frames}}),  # one random frame of each segment (TSN)
    dict(type='kss_mm.SafeDecordDecode', stream=True),
    # Multi-scale corner crops: 13 positions of the whole frame.
    dict(type='MultiScaleCrop', input_size={{_base_.crop}}, scales=crop_scales, max_wh_scale_gap=2, num_fixed_crops=13),
    dict(type='Resize', scale=({{_base_.crop}}, {{_base_.crop}}), keep_ratio=False),
    dict(type='Flip', flip_ratio=0.5),
    dict(type='FormatShape', input_format='NCTHW'),
    dict(type='PackActionInputs', meta_keys=('video_id', 'img_shape', 'num_clips', 'clip_len')),
]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))

default_scope = 'mmaction'

model = dict(
    type='kss_mm.KSSNet',
    backbone=dict(
        type='kss_mm.LCInceptionI3d',
        num_classes=num_classes,
        zero_init=False,  # the lateral connections start at random
        init_cfg=dict(type='Inflated2D', checkpoint=pretrained)),
    neck=dict(
        type='kss_mm.LabelGCN',
        graph=label_graph,
        channels=gcn_channels,
        lam=lam,
        tau=tau,
        eta=eta,
        rank=gcn_rank,
        bias=gcn_bias),
    cls_head=dict(
        type='kss_mm.KSSHead',
        num_classes=num_classes,
        in_channels=gcn_channels[-1],
        pool='avg',
        dropout=dropout,
        residual_fc=residual_fc))
