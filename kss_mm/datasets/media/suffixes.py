"""Endings by which a file counts as a video or an image without a look into it."""

#: By kind of sample; GIFs may be either.
SUFFIXES = {
    'video': frozenset('.3gp .avi .flv .gif .m2ts .m4v .mkv .mov .mp4 .mpeg .mpg .mts .ogv .ts .webm .wmv'.split()),
    'image': frozenset('.bmp .gif .jpeg .jpg .png .tif .tiff .webp'.split())}
#: Of images that tables name, though no folder of pictures is told by them.
RARE_IMAGES = frozenset('.jp2 .pgm .ppm'.split())
