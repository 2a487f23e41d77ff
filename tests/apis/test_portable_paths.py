import os

from mmengine.config import Config

from kss_mm.apis.portable_paths import hide_paths


def hidden(**values) -> tuple[dict, dict[str, str]]:
    cfg = Config(values)
    renamed = hide_paths(cfg)
    return cfg.to_dict(), renamed


def test_below_the_current_folder_and_beyond(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    cfg, renamed = hidden(a=f'{tmp_path}/data/', b=dict(c=['/home/me/names.txt', 1, None]), d=('data/x', 'https://a/b'))
    assert cfg == dict(a='data/', b=dict(c=['names.txt', 1, None]), d=('data/x', 'https://a/b'))
    assert renamed == {f'{tmp_path}/data/': 'data/', '/home/me/names.txt': 'names.txt'}


def test_what_lies_beside_or_within_each_other_still_does():
    cfg, _ = hidden(train='/data/train/images', val='/data/val/images', root='/mnt/vids/', list='/mnt/vids/list.txt')
    assert cfg == dict(train='train/images', val='val/images', root='vids/', list='vids/list.txt')


def test_paths_that_end_alike_stay_apart():
    cfg, _ = hidden(a='/home/me/images', b='/mnt/images', c='/home/me/images/')
    assert cfg['a'] != cfg['b'] and cfg['c'] == f'{cfg["a"]}/' and '/' not in cfg['a'] + cfg['b']


def test_every_way_to_say_a_path():
    home, up = os.path.expanduser('~'), '../' * 9
    cfg, _ = hidden(a='file:///home/me/a.pth', b='~/b.pth', c=f'{up}home/you/c.pth', d={'/home/me/data': 's3://d'})
    text = str(cfg)
    assert not [trace for trace in ('home', home, '..', 'file:', '~') if trace in text]
    assert 's3://d' in text and 'a.pth' in text


def test_names_that_look_like_paths_stay():
    names = dict(classes=['/m/01g317', '/m/04rky'])
    cfg, renamed = hidden(model=dict(neck=dict(graph=names)), metainfo=names, separator='/', other='~')
    assert cfg['model']['neck']['graph'] == cfg['metainfo'] == names and cfg['separator'] == '/'
    assert set(renamed) <= {'~'}
    assert hidden(classes='/home/me/names.txt')[0] == dict(classes='names.txt')
