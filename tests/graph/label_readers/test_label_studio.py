"""Label Studio's exports as its converter writes them: JSON, JSON-MIN, CSV."""

import csv
import json

import numpy as np
import pytest

from kss_mm.errors import InputError
from kss_mm.graph.label_files import read_label_file


def read(tmp_path, content, name='a.json', **options):
    (tmp_path / name).write_text(content if isinstance(content, str) else json.dumps(content), encoding='utf-8')
    return read_label_file(tmp_path / name, **options)


def sets(labels) -> list[set[str]]:
    return [{labels.classes[index] for index in np.flatnonzero(row)} for row in labels.matrix.toarray()]


def result(kind, *labels, control='choice', **value):
    return {'id': 'xYz', 'from_name': control, 'to_name': 'video', 'type': kind, 'origin': 'manual',
            'value': {kind: list(labels), **value}}


def task(number, *results, cancelled=False, **data):
    return {'id': number, 'annotations': [{'id': number + 10, 'completed_by': 1, 'result': list(results),
                                           'was_cancelled': cancelled, 'ground_truth': False, 'lead_time': 3.5}],
            'file_upload': f'ab12cd34-{number}.mp4', 'drafts': [{'result': [result('choices', 'draft')]}],
            'predictions': [{'result': [result('choices', 'guess')]}],
            'data': {'video': f'/data/upload/3/ab12cd34-{number}.mp4', 'caption': 'x', **data}, 'meta': {},
            'project': 1}


TASKS = [task(1, result('choices', 'run', 'jump, high')), task(2, result('choices', 'run')), task(3)]
EXPECTED = [{'run', 'jump, high'}, {'run'}, set()]


def minimal(number, **results):
    return {'video': f'/data/upload/3/ab12cd34-{number}.mp4', 'id': number, **results, 'annotator': 1,
            'annotation_id': number, 'created_at': '2024-01-01T00:00:00Z', 'updated_at': '2024-01-01T00:00:00Z',
            'lead_time': 3.5}


def table(tmp_path, rows):
    """As exports/csv2.py writes it: sorted columns, texts in quotes, objects as JSON."""
    columns = sorted({key for row in rows for key in row})
    with open(tmp_path / 'a.csv', 'w', newline='') as file:
        writer = csv.DictWriter(file, columns, quoting=csv.QUOTE_NONNUMERIC)
        writer.writeheader()
        writer.writerows([{key: value if isinstance(value, str | int | float) else json.dumps(value)
                           for key, value in row.items()} for row in rows])
    return (tmp_path / 'a.csv').read_text()


MINIMAL = [minimal(1, actions={'choices': ['run', 'jump, high']}), minimal(2, actions='run'), minimal(3)]


def test_the_three_forms(tmp_path):
    for labels in (read(tmp_path, TASKS), read(tmp_path, MINIMAL), read(tmp_path, table(tmp_path, MINIMAL), 'a.csv')):
        assert labels.ids == ('1.mp4', '2.mp4', '3.mp4') and sets(labels) == EXPECTED
        assert labels.files[0] == '/data/upload/3/ab12cd34-1.mp4'


def test_single_choices_are_whole_labels(tmp_path):
    rows = [minimal(1, actions='run, fast'), minimal(2, actions='hot dog; x'), minimal(3, actions='run, fast')]
    for labels in (read(tmp_path, rows), read(tmp_path, table(tmp_path, rows), 'a.csv')):
        assert labels.classes == ('hot dog; x', 'run, fast')
    tasks = [task(1, result('choices', 'run, fast')), task(2, result('choices', 'walk', control='other'))]
    assert sets(read(tmp_path, tasks)) == [{'run, fast'}, {'walk'}]
    assert any("'choice, other' count together" in note for note in read(tmp_path, tasks).notes)
    assert sets(read(tmp_path, tasks, label_column='choice')) == [{'run, fast'}, set()]


def test_regions_where_there_are_no_choices(tmp_path):
    regions = [result('rectanglelabels', 'dog', x=1., y=2., width=3., height=4., rotation=0),
               result('timelinelabels', 'run', ranges=[{'start': 1, 'end': 5}]),
               {'type': 'videorectangle', 'from_name': 'box', 'value': {'labels': ['dog'], 'sequence': []}},
               {'type': 'textarea', 'from_name': 'text', 'value': {'text': ['hello']}},
               {'type': 'rating', 'from_name': 'stars', 'value': {'rating': 4}},
               {'type': 'relation', 'from_id': 'a', 'to_id': 'b', 'direction': 'right'}]
    assert sets(read(tmp_path, [task(1, *regions)])) == [{'dog', 'run'}]
    labels = read(tmp_path, [task(1, *regions, result('choices', 'day')), task(2, *regions)])
    assert sets(labels) == [{'day'}, set()] and 'labels are choices, regions are left out' in labels.notes
    assert sets(read(tmp_path, [task(1, result('taxonomy', ['animal', 'dog'], ['animal', 'cat']))])) == [{'cat', 'dog'}]
    boxes = [{'x': 1., 'y': 2., 'rectanglelabels': ['dog'], 'original_width': 9}]
    assert sets(read(tmp_path, [minimal(1, label=boxes), minimal(2, label=boxes)])) == [{'dog'}, {'dog'}]


def test_several_annotators(tmp_path):
    first, second = task(1, result('choices', 'run')), task(1, result('choices', 'jump'))
    first['annotations'] += second['annotations'] + task(1, result('choices', 'none'), cancelled=True)['annotations']
    rows = [minimal(1, choice='run'), minimal(1, choice='jump'), minimal(2, choice='run'), minimal(2, choice='run')]
    for labels in (read(tmp_path, [first, task(2, result('choices', 'run'))]), read(tmp_path, rows)):
        assert sets(labels) == [{'run', 'jump'}, {'run'}]
        assert any("1 of 2 samples have annotations that differ, such as '1.mp4'" in note or
                   "such as '/data/upload/3/ab12cd34-1.mp4'" in note for note in labels.notes)


def test_tasks_that_nobody_annotated_are_left_out_and_counted(tmp_path):
    bare = {**task(4), 'annotations': []}
    labels = read(tmp_path, [*TASKS, bare, task(5, result('choices', 'run'), cancelled=True)])
    assert labels.ids == ('1.mp4', '2.mp4', '3.mp4') and sets(labels) == EXPECTED
    assert any('2 of 5 samples are not annotated' in note and '4.mp4' in note for note in labels.notes)
    with pytest.raises(InputError, match='none of its tasks has an annotation'):
        read(tmp_path, [bare])


def test_splits_and_other_paths(tmp_path):
    paths = ['/data/local-files/?d=a%20b/1.mp4', 's3://bucket/2.mp4', 'C:\\x\\3.mp4']
    tasks = [task(number, result('choices', 'run', 'walk'), video=path, split=split)
             for number, (path, split) in enumerate(zip(paths, ('train', 'train', 'test')))]
    assert read(tmp_path, tasks).ids == ('a b/1.mp4', '2.mp4', 'C:\\x\\3.mp4')
    assert read(tmp_path, tasks, split='test').ids == ('C:\\x\\3.mp4',)


@pytest.mark.parametrize(('content', 'options', 'message'), [
    (TASKS, dict(label_column='who'), "'who': no control .*'choice'"),
    ([minimal(1, a='x', b='y')], {}, "which of 'a, b' holds the labels.*--label-column"),
    ([{**task(1), 'annotations': [{'result': 3}]}], {}, 'sample 0 .*without a list of results'),
    ([task(1)], {}, 'none of its samples has a label')])
def test_what_cannot_be_read(tmp_path, content, options, message):
    with pytest.raises(InputError, match=f'a.json: .*{message}'):
        read(tmp_path, content, **options)


def test_a_cell_that_is_no_json_names_its_row(tmp_path):
    text = table(tmp_path, MINIMAL).replace('"{""choices""', '"{""choices')
    with pytest.raises(InputError, match="a.csv: row 2, column 'actions'"):
        read(tmp_path, text, 'a.csv')


def test_it_trains(tmp_path):
    pytest.importorskip('mmaction')
    from kss_mm.datasets import MultiLabelVideos

    for number in (1, 2, 3):
        (tmp_path / f'{number}.mp4').touch()
    (tmp_path / 'a.json').write_text(json.dumps(TASKS))
    dataset = MultiLabelVideos(str(tmp_path / 'a.json'), [dict(type='mmaction.DecordInit')], data_prefix=str(tmp_path))
    assert [dataset.get_data_info(index)['label'].tolist() for index in range(3)] == [[1, 1], [0, 1], [0, 0]]
