"""Tables of labels in the forms that public sets and tools have: read rightly and said, or one line that says how."""

import numpy as np
import pytest

from kss_mm.errors import InputError
from kss_mm.graph.label_files import read_label_file


def read(tmp_path, text, classes=None, name='a.csv', encoding='utf-8', **options):
    (tmp_path / name).write_bytes(text.encode(encoding))
    return read_label_file(tmp_path / name, classes, **options)


def sets(labels) -> list[set[str]]:
    return [{labels.classes[index] for index in np.flatnonzero(row)} for row in labels.matrix.toarray()]


@pytest.mark.parametrize(('cells', 'how'), [
    (('"dog, tv"', '"dog, sofa"', 'tv'), 'separated by ,'), (('dog;tv', 'dog; sofa', 'tv'), 'separated by ;'),
    (('dog|tv', 'dog|sofa', 'tv'), 'separated by |'), (('"dog\ntv"', '"dog\nsofa"', 'tv'), 'separated by line breaks'),
    (('"[\'dog\', \'tv\']"', '"[\'dog\', \'sofa\']"', "['tv']"), 'a list in every cell'),
    (("['dog' 'tv']", "['dog' 'sofa']", "['tv']"), 'a list in every cell'),  # NumPy's; Python would glue the two
    (('"[""d\\u006fg"", ""tv""]"', '"[\'d\\x6fg\', \'sofa\']"', '"[""tv""]"'), 'a list in every cell'),  # escaped
    (('"[""dog"", ""tv""]"', '"[""dog"",""sofa""]"', '"[""tv""]"'), 'a list in every cell'),
    (('"{\'tv\', \'dog\'}"', '"(\'dog\', \'sofa\')"', '"(\'tv\',)"'), 'a list in every cell'),
    (('"[dog, tv]"', '"[dog, sofa]"', '[tv]'), 'a list in every cell')])
def test_separators_that_leave_no_doubt(tmp_path, cells, how):
    rows = [f'{index}.jpg,{cell}' for index, cell in enumerate((*cells, ''))]
    labels = read(tmp_path, 'image,labels\n' + '\n'.join(rows))
    assert sets(labels) == [{'dog', 'tv'}, {'dog', 'sofa'}, {'tv'}, set()]
    assert labels.ids == ('0.jpg', '1.jpg', '2.jpg', '3.jpg')
    assert f'labels within a cell: {how}' in labels.notes


@pytest.mark.parametrize(('cells', 'between'), [
    (('hot dog', 'tv'), 'blanks'), (('dog tv', 'dog'), 'blanks'), (('"crane, bird"', '"maillot, tank suit"'), '","'),
    (('"dog, tv"', 'cup'), '","'), (('"dog, tv"', 'dog', '"salt, pepper"'), '","'), (('dog/tv', 'dog'), '"/"'),
    (('dog+tv', 'tv'), r'"\+"'), (('dog & tv', 'tv'), '"&"')])
def test_doubtful_separators_are_asked_for(tmp_path, cells, between):
    rows = [f'{index}.jpg,{cell}' for index, cell in enumerate(cells)]
    with pytest.raises(InputError, match=f'a.csv: row 2: .* between {between}: say --separator .*none.*--classes'):
        read(tmp_path, 'image,labels\n' + '\n'.join(rows))


def test_the_option_and_the_names_decide(tmp_path):
    text = 'image,labels\na,hot dog\nb,"tv, salt"\n'
    assert sets(read(tmp_path, text, separator='none')) == [{'hot dog'}, {'tv, salt'}]
    assert sets(read(tmp_path, text, separator=',')) == [{'hot dog'}, {'tv', 'salt'}]
    assert sets(read(tmp_path, text, separator='space')) == [{'hot', 'dog'}, {'tv,', 'salt'}]
    assert sets(read(tmp_path, text, ['tv', 'salt', 'hot dog'])) == [{'hot dog'}, {'tv', 'salt'}]
    assert sets(read(tmp_path, 'image,tags\na,haze hot dog\nb,dog\n', ['dog', 'haze', 'hot dog'])) == [
        {'haze', 'hot dog'}, {'dog'}]
    assert sets(read(tmp_path, 'image,labels\na,"salt, pepper, tv"\nb,tv\n', ['salt, pepper', 'tv'])) == [
        {'salt, pepper', 'tv'}, {'tv'}]
    with pytest.raises(InputError, match="row 2: 'hot dog' .*blanks"):
        read(tmp_path, 'image,labels\na,hot dog\nb,tv\n', ['hot', 'dog', 'hot dog', 'tv'])
    with pytest.raises(InputError, match="row 2: 'dog cow' .*'cow'.* 2 classes"):
        read(tmp_path, 'image,labels\na,dog cow\nb,tv dog\n', ['dog', 'tv'])
    with pytest.raises(InputError, match="row 3: 'cat;tv' has label 'cat', .* 2 classes .* 1 others, such as 'cow'"):
        read(tmp_path, 'image,labels\na,dog;tv\nb,cat;tv\nc,cow;cat\n', ['dog', 'tv'])
    with pytest.raises(InputError, match='--separator is empty'):
        read(tmp_path, text, separator='')
    with pytest.raises(InputError, match='--separator is for .csv'):
        read(tmp_path, 'a.mp4 1\n', ['a', 'b'], 'a.txt', separator=',')


@pytest.mark.parametrize(('cells', 'message'), [
    (('dog;tv', 'dog|cup'), r'row 3: .* has \| between its parts, other cells have ;'),
    (('dog;tv', '"dog,tv"'), r"'dog,tv' .*parts"),
    (('dog|tv', '"dog,cup"'), r"row 3: 'dog,cup' .*parts, other cells have \|"),
    (('dog;tv', 'nan'), "row 3: 'nan' .*missing"), (('dog;tv', '-'), "row 3: '-' .*missing"),
    (("['dog']", 'tv'), 'row 2: .* a list, other'),
    (("['dog' 3]",), 'row 2: .* not a plain list'), (('"[""dog"", 3]"',), 'not a plain list'),
    (('1;0', '2'), 'labels are indices'),
    (('dog;1', 'tv'), 'labels are indices'), (('', ''), 'none .* has a label')])
def test_cells_that_cannot_be_read(tmp_path, cells, message):
    rows = [f'{index}.jpg,{cell}' for index, cell in enumerate(cells)]
    with pytest.raises(InputError, match=message):
        read(tmp_path, 'image,labels\n' + '\n'.join(rows))


@pytest.mark.parametrize('text', [
    'file,dog,tv\na,1,0\nb,1,1\n', 'file;dog;tv\na;1;0\nb;1;1\n', 'sep=;\nfile;dog;tv\na;1;0\nb;1;1\n',
    'file\tdog\ttv\na\t1\t0\nb\t1\t1\n', 'file,dog,tv\r\n\r\n"a","1","0"\r\n,,\r\n"b", "1",1\r\n',
    '\ufefffile,dog,tv\na,1,0\nb,1,1\n', 'file,dog,tv\ra,1,0\rb,1,1\r', 'file,dog,tv\na,True,FALSE\nb,true,True\n',
    'file,dog,tv\na,1.0,0.0\nb,1.,1.00\n', ',filename,dog,tv\n0,a,1,0\n1,b,1,1\n',
    'path,file,dog,tv\n0,a,1,0\n1,b,1,1\n',
    'Unnamed: 0,img_name,dog,tv\n0,a,1,0\n1,b,1,1\n', 'dog,tv,file\n1,0,a\n1,1,b\n', 'something,dog,tv\na,1,0\nb,1,1\n',
    'file,split,dog,tv\na,train,1,0\nb,train,1,1\n', 'file,dog,tv,fold\na,1,0,0\nb,1,1,0\n'])
def test_a_column_a_class(tmp_path, text):
    labels = read(tmp_path, text)
    assert labels.classes == ('dog', 'tv') and labels.ids == ('a', 'b')
    np.testing.assert_array_equal(labels.matrix.toarray(), [[1, 0], [1, 1]])


def test_encodings_of_spreadsheets(tmp_path):
    text = 'ファイル\t犬\tcafé\na\t1\t0\nb\t1\t1\n'
    for encoding in ('utf-8', 'utf-8-sig', 'utf-16', 'utf-32'):
        assert read(tmp_path, text, encoding=encoding).classes == ('犬', 'café')
    for encoding in ('utf-16-le', 'latin-1'):
        with pytest.raises(InputError, match='a.csv.*save it as UTF-8'):
            read(tmp_path, text.replace('犬', 'é').replace('ファイル', 'file'), encoding=encoding)


@pytest.mark.parametrize(('text', 'message'), [
    ('file,dog,tv\na,1,0\nb,7,1\n', "row 3, column 'dog' holds '7'"),
    ('file,dog,tv\na,1,-1\nb,-1,1\n', "row 2, column 'tv' holds '-1'.*write 0"),
    ('file,dog,tv\na,1,\nb,1,1\n', "row 2, column 'tv' holds ''.*empty cell"),
    ('file,dog,tv\na,1,0.5\n', "column 'tv' holds '0.5'"), ('file,dog,tv\na,1,nan\n', "column 'tv' holds 'nan'"),
    ('file,what1,what2\na,dog,tv\n', "row 2, column 'what1' holds 'dog'.*--label-column"),
    ('file,labels,split\na,dog\n', 'row 2 has 2 cells.*empty ones too'),
    ('a.jpg,dog;tv\nb.jpg,tv\n', 'row 1 is a sample and not a header'),
    ('a.jpg,1,0\nb.jpg,1,1\n', 'row 1 .*header'), ('file,dog,dog\na,1,0\n', "'dog' comes twice"),
    ('file,labels\na,dog,tv\n', 'row 2 .* 3 cells.* 2'), ('file,labels\na,"dog\n', 'not a readable CSV row'),
    ('file,path\na,b\n', 'no column of labels'),
    ('file,label,dog\na,1,0\nb,0,1\n', "'label' holds 0 and 1 as 'dog' does"),
    ('file,tags,genres\na,dog,tv\n', "'tags' and 'genres' .*--label-column"),
    ('file,label,Confidence\na,dog,0.4\n', "row 2, column 'Confidence' holds '0.4'"),
    ('file,dog,tv\na,1,0\na,0,1\n', "'a' .*row 2 .*row 3 .*other labels"),
    ('file,labels\na,dog;tv\nb,tv\na,dog\n', "'a' .*row 2 .*row 4 .*other labels"),
    ('', 'header and at least')])
def test_tables_that_cannot_be_read(tmp_path, text, message):
    with pytest.raises(InputError, match=message) as error:
        read(tmp_path, text)
    assert 'a.csv' in str(error.value)


@pytest.mark.parametrize(('text', 'expected', 'note'), [
    ('filename,label\na,dog\na,hot dog\nb,dog\n', [{'dog', 'hot dog'}, {'dog'}],
     "3 rows are 2 samples ('a' in row 2 and row 3"),
    (',filename,label\n0,a,dog\n1,a,tv\n0,b,dog\n', [{'dog', 'tv'}, {'dog'}], 'one label a row'),  # joined data frames
    ('file,dog,tv\na,1,0\na,1,0\nb,1,1\n', [{'dog'}, {'dog', 'tv'}], 'repeated rows: 3 rows are 2 samples'),
    ('ImageID,Source,LabelName,Confidence\na,v,dog,1\na,v,tv,0\nb,v,dog,1\nb,v,tv,1\n', [{'dog'}, {'dog', 'tv'}],
     '1 rows of confidence 0 are not labels'),
    ('Tags,youtube_id,time_start,time_end\nperson|sky,x,0,10\nsky,x,10,20\n', [{'person', 'sky'}, {'sky'}],
     'separated by |'),
    ('Image Index,Finding Labels,Patient ID\n0.png,Mass,1\n1.png,Mass|Hernia,1\n', [{'Mass'}, {'Mass', 'Hernia'}],
     "labels are in column 'Finding Labels'"),
    ('movieId,title,genres\n1,"President, The",Comedy|Drama\n2,X,(no genres listed)\n',
     [{'Comedy', 'Drama'}, {'(no genres listed)'}], "columns that are not classes: 'movieId, title'"),
    ('# made on a day\n# YTID, start_seconds, end_seconds, positive_labels\n-x, 0.0, 10.0, "/m/1,/m/2"\n'
     '-y, 0, 1, "/m/2"\n',
     [{'/m/1', '/m/2'}, {'/m/2'}], "labels are in column 'positive_labels'"),
    ('file,label,class_id\na,dog,0\na,tv,1\n', [{'dog', 'tv'}], "labels are in column 'label'"),
    ('file,split,labels\na,train,dog;tv\nb,val,tv\n', [{'dog', 'tv'}, {'tv'}], 'samples of all splits are counted'),
    ('index,labels\n0,dog;tv\n1,tv\n0,dog\n', [{'dog', 'tv'}, {'tv'}, {'dog'}],
     "columns that are not classes: 'index'")])
def test_public_sets(tmp_path, text, expected, note):
    labels = read(tmp_path, text)
    assert sets(labels) == expected and any(note in line for line in labels.notes), labels.notes
    assert labels.ids is None or len(labels.ids) == len(expected)


def test_the_column_of_labels_by_name(tmp_path):
    text = 'file,tags,genres,what\na,dog,tv,cup;cow\n'
    assert sets(read(tmp_path, text, label_column='what')) == [{'cup', 'cow'}]
    assert sets(read(tmp_path, text, label_column='tags')) == [{'dog'}]
    with pytest.raises(InputError, match="--label-column 'where': no such column"):
        read(tmp_path, text, label_column='where')


def test_classes_choose_among_the_columns(tmp_path):
    text = 'file,width,dog,path,label,tv\na,640,1,0,1,0\nb,480,1,1,1,1\n'
    labels = read(tmp_path, text, ['path', 'dog', 'tv', 'label', 'cow'])  # whatever they are called otherwise
    assert sets(labels) == [{'dog', 'label'}, {'path', 'dog', 'tv', 'label'}]
    assert any("1 of the classes are not in the file and have no sample: 'cow'" in note for note in labels.notes)
    with pytest.raises(InputError, match="class 'tv'.* class list"):
        read(tmp_path, 'file,dog,tv\na,1,0\n', ['dog', 'cow'])


@pytest.mark.parametrize(('text', 'expected'), [
    ('filename,labels\na.jpg,"dog, tv"\nb.jpg,"dog, sofa"\nc.jpg,"tv"\n', [{'dog', 'tv'}, {'dog', 'sofa'}, {'tv'}]),
    ('filename,label\na.jpg,dog\na.jpg,tv\nb.jpg,dog\n', [{'dog', 'tv'}, {'dog'}]),
    ('id,dog,tv\n0,1,0\n1,1,1\n', [{'dog'}, {'dog', 'tv'}]),
    ('file,dog,tv\na.jpg,True,False\nb.jpg,True,True\n', [{'dog'}, {'dog', 'tv'}]),
    ('file,dog,tv\na.jpg,1.0,0.0\nb.jpg,1.0,1.0\n', [{'dog'}, {'dog', 'tv'}]),
    ('file;dog;tv\na.jpg;1;0\nb.jpg;1;1\n', [{'dog'}, {'dog', 'tv'}]),
    (',filename,dog,tv\n0,a.jpg,1,0\n1,b.jpg,1,1\n', [{'dog'}, {'dog', 'tv'}])],
    ids=['commas', 'a row a label', 'ids of 0 and 1', 'true and false', 'fractions', 'semicolons', 'pandas'])
def test_tables_of_every_shape(tmp_path, text, expected):
    labels = read(tmp_path, text)
    assert sets(labels) == expected and len(labels.ids) == len(expected)


def test_tables_that_take_a_separator(tmp_path):
    text = 'image,labels\na.jpg,healthy\nb.jpg,scab frog_eye_leaf_spot complex\nc.jpg,rust frog_eye_leaf_spot\n'
    with pytest.raises(InputError, match='a.csv: row 3: .*--separator space'):
        read(tmp_path, text)
    labels = read(tmp_path, text, separator='space')
    assert labels.classes == ('complex', 'frog_eye_leaf_spot', 'healthy', 'rust', 'scab')
    text = 'image,labels\n1.jpg,"[\'dog\', \'tv\']"\n2.jpg,[\'dog\']\n3.jpg,[]\n'
    assert sets(read(tmp_path, text)) == [{'dog', 'tv'}, {'dog'}, set()]
    text = 'image,labels\n1.jpg,dog tv\n2.jpg,dog\n'
    assert sets(read(tmp_path, text, ['dog', 'tv'])) == [{'dog', 'tv'}, {'dog'}]
    text = 'image,labels\n1.jpg,1 0\n2.jpg,1\n3.jpg,0\n'
    assert sets(read(tmp_path, text, ['dog', 'tv'])) == [{'dog', 'tv'}, {'tv'}, {'dog'}]


@pytest.mark.parametrize(('text', 'expected', 'note'), [
    ('file,label_1,label_2\na,"hot dog, x",tv\nb,tv,\n', [{'hot dog, x', 'tv'}, {'tv'}], "'label_1, label_2'"),
    ('Clip,Etiketten\na.mp4,Hund;Katze\nb.mp4,Hund\n', [{'Hund', 'Katze'}, {'Hund'}], "column 'Etiketten'"),
    ('file,labels\na,狗；猫\nb,狗\n', [{'狗', '猫'}, {'狗'}], 'separated by ;'),
    ('file,labels\na,狗、猫\nb,狗\n', [{'狗', '猫'}, {'狗'}], 'separated by ,'),
    ('file,labels\na,Dog;cat\nb,dog;cat\n', [{'Dog', 'cat'}, {'dog', 'cat'}], "count as different: 'Dog' and 'dog'"),
    ('file,labels\n,\na,x;y\n ,\t\n\nb,x\n', [{'x', 'y'}, {'x'}], '2 empty rows are left out, the first is row 2')])
def test_what_people_write(tmp_path, text, expected, note):
    labels = read(tmp_path, text)
    assert sets(labels) == expected and any(note in line for line in labels.notes), labels.notes


def test_accents_in_either_form_are_one_label(tmp_path):
    text = 'file,labels\na,cafe\u0301;x\nb,caf\u00e9\n'
    assert sets(read(tmp_path, text)) == [{'caf\u00e9', 'x'}, {'caf\u00e9'}]
    for name in ('cafe\u0301', 'caf\u00e9'):
        assert sets(read(tmp_path, text, ['x', name])) == [{name, 'x'}, {name}]
        assert sets(read(tmp_path, 'file,cafe\u0301,x\na,1,0\nb,0,1\n', ['x', name])) == [{name}, {'x'}]


@pytest.mark.parametrize(('text', 'split', 'ids'), [
    ('file,set,labels\na,Training,x;y\nb,test,x\n', 'train', ('a',)), ('file,fold,x,y\na,0,1,1\nb,1,0,1\n', 1, ('b',)),
    ('file,fold,x,y\na,0,1,1\nb,1,0,1\nc,2,1,1\n', [0, '2'], ('a', 'c')),
    ('file,is_valid,x,y\na,True,1,1\nb,False,0,1\n', 'val', ('a',)),
    ('file,Usage,label\na,PublicTest,x\na,PublicTest,y\nb,Training,x\n', 'train', ('b',))])
def test_one_split(tmp_path, text, split, ids):
    labels = read(tmp_path, text, split=split)
    assert labels.ids == ids and labels.classes == ('x', 'y')
    assert any(f'{len(ids)} of' in note for note in labels.notes)
    with pytest.raises(InputError, match="split='dev2': no sample is of it; there are '"):
        read(tmp_path, text, split='dev2')
