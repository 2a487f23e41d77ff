"""Make a folder of your own data: split, label graph and config from a table of labels and a folder of media.

    python tools/init.py labels.csv --media videos --out mine
    python tools/init.py project.json --media photos --backbone resnet50 --pretrained resnet50.pth

It ends with the next commands: training, a published model, predictions.
"""

import argparse

from kss_mm import cli
from kss_mm.cli.arguments import file_name, tool_parser
from kss_mm.cli.run_tool import run_tool
from kss_mm.graph.embeddings import POLICIES
from kss_mm.graph.label_files import SUFFIXES


def parse_args() -> argparse.Namespace:
    parser = tool_parser(__doc__)
    parser.add_argument('table', metavar='TABLE', type=file_name,
                        help=f'which sample has which labels ({", ".join(SUFFIXES)}), as docs/label_graphs.md has it')
    parser.add_argument('--media', type=file_name, metavar='FOLDER',
                        help="folder of the videos or images (default: the table's, or the table if it is a folder)")
    parser.add_argument('--out', '-o', type=file_name, metavar='FOLDER',
                        help='the folder to make (default: TABLE_kssnet); files in it are never overwritten')
    table = parser.add_argument_group('reading the table')
    table.add_argument('--classes', type=file_name, metavar='FILE', help='class names, one a line')
    table.add_argument('--separator', metavar='TEXT', help='what is between the labels in a cell (default: found)')
    table.add_argument('--label-column', metavar='NAME', help='the column of labels (default: found)')
    table.add_argument('--id-column', metavar='NAME', help='the column of files or ids (default: found)')
    table.add_argument('--max-missing', type=float, metavar='SHARE', default=0.1, help='largest share of samples to '
                       'leave out as their files are missing or broken (default: %(default)s)')
    table.add_argument('--kind', choices=('video', 'image'), help='(default: what the files hold)')
    split = parser.add_argument_group('splitting, where the table has no column that says train, val, test')
    split.add_argument('--val-share', type=float, default=0.2, metavar='SHARE', help='(default: %(default)s)')
    split.add_argument('--group', metavar='COLUMN', help='samples of one value stay together, such as the film that '
                       'clips were cut from; by-folder goes by the folders of the files')
    split.add_argument('--seed', type=int, default=0, help='(default: %(default)s)')
    model = parser.add_argument_group('model')
    model.add_argument('--backbone', metavar='NAME', help='videos: i3d, slowonly, x3d, tsm; images: lite0, resnet18 to '
                       'resnet101, swin, vit, or any model of timm (default: i3d, lite0)')
    model.add_argument('--pretrained', type=file_name, metavar='FILE', help='weights to start from')
    model.add_argument('--epochs', type=int, metavar='N', help='(default: 12 to 60, more for fewer samples)')
    graph = parser.add_argument_group('label graph')
    graph.add_argument('--conceptnet', type=file_name, metavar='FILE', help='ConceptNet assertions, .csv or .csv.gz '
                       '(default: the statistical graph alone)')
    graph.add_argument('--words', metavar='SOURCE', help='word vectors, as build-label-graph takes them (default: an '
                       'installed package of them, else none)')
    graph.add_argument('--missing-words', choices=POLICIES, help='words without a vector (default: error; zero where '
                       '--words is not given)')
    graph.add_argument('--graph', type=file_name, metavar='FILE.npz', help='a label graph ready made, which must not '
                       'have seen the validation samples')
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    from kss_mm.starter.start_project import start_project  # loads torch

    project = start_project(**vars(args))
    print('\n'.join(project.notes))
    print('\nNext:')
    for tool, arguments in project.commands:
        print(f'  {cli.tool_command(tool)} {arguments}')


if __name__ == '__main__':
    run_tool(main)
