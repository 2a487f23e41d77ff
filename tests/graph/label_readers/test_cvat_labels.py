"""CVAT's XML as its documentation and its exports have it."""

import numpy as np
import pytest

from kss_mm.errors import InputError
from kss_mm.graph.label_files import read_label_file

LABELS = '''<labels>
  <label><name>tv</name><color>#ff00cc</color><type>tag</type><attributes></attributes></label>
  <label><name>dog</name><color>#ff00cc</color><type>any</type><attributes></attributes></label>
  <label><name>cat</name><type>any</type><attributes></attributes></label>
  <label><name>car</name><type>rectangle</type><attributes><attribute><name>parked</name><mutable>True</mutable>
    <input_type>checkbox</input_type><default_value>false</default_value><values>false</values></attribute></attributes>
  </label></labels>'''
HEAD = f'''<?xml version="1.0" encoding="utf-8"?>
<annotations><version>1.1</version><meta><task><id>4</id><name>mine</name><size>2</size><mode>annotation</mode>
<overlap>0</overlap>{LABELS}<segments><segment><id>4</id><start>0</start></segment></segments></task>
<dumped>2024-01-01 10:00:00.000000+00:00</dumped></meta>'''
BOX = '<box label="{}" source="manual" occluded="0" xtl="1.0" ytl="1.0" xbr="2.0" ybr="2.0" z_order="0"></box>'
IMAGES = f'''<image id="0" name="sub/a &amp; b.jpg" width="16" height="9"><tag label="dog" source="manual"></tag>
<tag label="tv" source="manual"><attribute name="sure">true</attribute></tag>{BOX.format("car")}</image>
<image id="1" name="c.jpg" width="16" height="9"></image>'''


def read(tmp_path, text, **options):
    (tmp_path / 'annotations.xml').write_text(text, encoding='utf-8')
    return read_label_file(tmp_path / 'annotations.xml', **options)


def sets(labels) -> list[set[str]]:
    return [{labels.classes[index] for index in np.flatnonzero(row)} for row in labels.matrix.toarray()]


def test_tags_of_images(tmp_path):
    labels = read(tmp_path, HEAD + IMAGES + '</annotations>')
    assert labels.ids == ('sub/a & b.jpg', 'c.jpg') and sets(labels) == [{'dog', 'tv'}, set()]
    assert labels.classes == ('tv', 'dog', 'cat') and any('objects are left out' in note for note in labels.notes)


def test_objects_where_there_are_no_tags(tmp_path):
    images = (f'<image id="0" name="a.jpg">{BOX.format("dog") * 2}<polygon label="car" points="0,0;1,1;2,2"/></image>'
              '<image id="1" name="b.jpg"><mask label="tv" rle="1" left="0" top="0" width="1" height="1"/></image>')
    labels = read(tmp_path, HEAD + images + '</annotations>')
    assert sets(labels) == [{'dog', 'car'}, {'tv'}] and labels.classes == ('tv', 'dog', 'cat', 'car')


def test_a_project_with_subsets(tmp_path):
    head = HEAD.replace('<task>', '<project>').replace('</task>', '</project>')
    images = ('<image id="0" name="a.jpg" subset="Train" task_id="1"><tag label="dog"/><tag label="tv"/></image>'
              '<image id="1" name="b.jpg" subset="Validation" task_id="2"><tag label="tv"/></image>')
    assert read(tmp_path, head + images + '</annotations>', split='val').ids == ('b.jpg',)


@pytest.mark.parametrize(('head', 'task', 'names'), [
    (HEAD.replace('</task>', '<source>clip one.mp4</source></task>'), '', ('clip one.mp4',)),
    (f'<annotations><meta><job><id>7</id>{LABELS}</job><source>clip.mp4</source></meta>', '', ('clip.mp4',)),
    (f'''<annotations><meta><project>{LABELS}<tasks><task><id>1</id><name>x</name><source>a.mp4</source></task>
     <task><id>2</id><name>b</name></task></tasks></project></meta>''', 'task_id="1"', ('a.mp4', 'b'))])
def test_tracks_of_videos(tmp_path, head, task, names):
    tracks = ''.join(f'<track id="{number}" label="{label}" {task}><box frame="0" outside="0"/></track>'
                     for number, label in enumerate(('dog', 'car', 'dog')))
    labels = read(tmp_path, head + tracks + '</annotations>')
    assert labels.ids == names and sets(labels)[0] == {'dog', 'car'} and labels.classes[:2] == ('tv', 'dog')


@pytest.mark.parametrize(('text', 'message'), [
    (HEAD + '</annotations>', 'no <image> and no <track>'),
    (HEAD + '<image id="3"/></annotations>', "image 0 .*id '3', has no name"),
    (HEAD + '<image name="a.jpg"><tag/></image></annotations>', "'a.jpg' has a <tag> without a label"),
    (HEAD + '<image name="a.jpg"><tag label="cow"/></image></annotations>', "'cow' is not among .*'tv, dog, cat"),
    (HEAD + '<track id="5"><box frame="0"/></track></annotations>', "track '5' has no label"),
    (f'<annotations><meta><task>{LABELS}</task></meta><track label="dog"/></annotations>', 'neither a source nor'),
    (HEAD + '<image name="a.jpg"/><image name="a.jpg"><tag label="tv"/><tag label="dog"/></image></annotations>',
     "'a.jpg' stands in image 0 .* image 1"),
    ('<annotation><object/></annotation>', 'give the folder'), ('<html/>', "its root is 'html'"),
    ('<!DOCTYPE a [<!ENTITY x "y">]><annotations/>', 'document type')])
def test_files_that_cannot_be_read(tmp_path, text, message):
    with pytest.raises(InputError, match=f'annotations.xml: .*{message}'):
        read(tmp_path, text)
