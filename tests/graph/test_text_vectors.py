import gzip

import numpy as np
import pytest
from fuzzing import attack

from kss_mm.errors import InputError, MissingFileError
from kss_mm.graph import text_vectors
from kss_mm.graph.embeddings import word_embeddings
from kss_mm.graph.text_vectors import TextVectors

GLOVE = 'the 0.5 -1\n. . . 9 9\ndog 1 2\nat name@domain.com 7 7\nat 3 4\n'
NUMBERBATCH = '4 2\n/c/de/dog 8 8\n/c/en/dog 1 2\n/c/en/hot_dog 5 6\n/c/en/##_dog 7 7\n'


def select(path, *words, **options):
    source = TextVectors(path, **options)
    return {word: vector.tolist() for word, vector in source.select(lambda word: word in words)}


@pytest.mark.parametrize('compress', [False, True])
def test_glove_with_spaces_in_words(tmp_path, compress):
    path = tmp_path / 'glove.txt'
    path.write_bytes(gzip.compress(GLOVE.encode()) if compress else GLOVE.encode())
    assert select(path, 'dog', 'at', '.', 'cow') == {'dog': [1, 2], 'at': [3, 4]}
    assert not TextVectors(path).marks_numbers


@pytest.mark.parametrize('prefix', ['/c/en/', ''])
def test_numberbatch_with_and_without_language(tmp_path, prefix):
    path = tmp_path / 'numberbatch.txt'
    content = NUMBERBATCH if prefix else NUMBERBATCH.replace('4 2\n/c/de/dog 8 8\n', '3 2\n').replace('/c/en/', '')
    path.write_text(content)
    assert select(path, 'dog', 'hot_dog') == {'dog': [1, 2], 'hot_dog': [5, 6]}
    embeddings, report = word_embeddings(['hot dog', '24 dog'], TextVectors(path))
    np.testing.assert_array_equal(embeddings, [[5, 6], [7, 7]])
    assert report.whole == ('hot dog', '24 dog')


def test_numberbatch_in_another_language(tmp_path):
    (tmp_path / 'nb.txt').write_text(NUMBERBATCH)
    assert select(tmp_path / 'nb.txt', 'dog', language='de') == {'dog': [8, 8]}


def test_progress_is_reported(tmp_path):
    (tmp_path / 'v.txt').write_text('a 1\n' * 25_000)
    calls = []
    select(tmp_path / 'v.txt', 'b', progress=lambda *at: calls.append(at))
    assert [at[0] for at in calls] == [40_000, 80_000] and calls[0][1] == 100_000


@pytest.mark.parametrize(('content', 'message'), [
    ('', '.*a word and its numbers'),
    ('dog\n', '.*a word and its numbers'),
    ('the 1 2\ndog 1\n', r"v\.txt:2: .*'dog' .*2 finite numbers"),
    ('the 1 2\ndog 1 nan\n', 'v.txt:2'),
    ('the 1 2\ndog 1 x\n', 'v.txt:2'),
])
def test_text_errors(tmp_path, content, message):
    (tmp_path / 'v.txt').write_text(content)
    with pytest.raises(InputError, match=message):
        select(tmp_path / 'v.txt', 'dog')


def test_truncated_gzip(tmp_path):
    path = tmp_path / 'v.txt.gz'
    path.write_bytes(gzip.compress(b''.join(b'w%d 1 2\n' % i for i in range(5000)))[:-30])
    with pytest.raises(InputError, match='truncated or damaged gzip'):
        select(path, 'dog')


def test_missing_file(tmp_path):
    with pytest.raises(MissingFileError, match='no such file'):
        TextVectors(tmp_path / 'none.txt')


HEADED = '3 2\ndog 1 2\n66 3 4\n## 5 6\n'


def test_a_number_is_looked_up_as_it_stands_first(tmp_path):
    (tmp_path / 'v.vec').write_text(HEADED)
    embeddings, report = word_embeddings(['66', '77'], TextVectors(tmp_path / 'v.vec'))
    np.testing.assert_array_equal(embeddings, [[3, 4], [5, 6]])
    assert report.spelled == {'77': '##'}
    (tmp_path / 'glove.txt').write_text(HEADED.removeprefix('3 2\n'))  # GloVe marks no numbers
    with pytest.raises(InputError, match="no vector for '77'"):
        word_embeddings(['66', '77'], TextVectors(tmp_path / 'glove.txt'))


@pytest.mark.parametrize('content', [
    HEADED.replace('\n', '\r\n'), '\ufeff' + HEADED, HEADED + '\n\n', HEADED.rstrip(), HEADED.replace('\n', ' \n'),
    HEADED.removeprefix('3 2\n'), '\ufeff' + HEADED.removeprefix('3 2\n'),
    HEADED.replace('dog', '. .').replace('3 2', '4 2') + 'dog 1 2'])
@pytest.mark.parametrize('compress', [False, True])
def test_line_ends_and_byte_order_marks(tmp_path, content, compress):
    data = content.encode()
    (tmp_path / 'v.vec').write_bytes(gzip.compress(data) if compress else data)
    assert select(tmp_path / 'v.vec', 'dog', '66') == {'dog': [1, 2], '66': [3, 4]}


@pytest.mark.parametrize(('content', 'message'), [
    ('3 2\ndog 1 2\ncat 1 2\n', r'v\.vec:1: .*3 words, .*2'),
    ('1 2\ndog 1 2\ncat 1 2\n', r'v\.vec:1: .*1 words, .*2'),
    ('2 3\ndog 1 2\ncat 1 2\n', r"v\.vec:2: .*'dog' .*3 finite numbers, .*header"),
    ('2 1\ncow 1 2\ndog 1 2\n', r"v\.vec:2: .*'cow 1' .*1 finite numbers"),
    ('2 0\ndog\ncat\n', r'v\.vec:1: .*a word and its numbers'),
    ('0 2\n', 'it has none of the words'),
    ('2 99999999999\ndog 1 2\ncat 1 2\n', r'v\.vec:2: '),
    ('2 99999999999\ndog x 2\ncat 1 2\n', r'v\.vec:2: '),
    ('9' * 5000 + ' 2\ndog 1 2\n', r'v\.vec:2: '),
    ('dog 1 2\ncat 1 2\ncow 1', r"v\.vec:3: .*'cow' .* 2 .*first line"),
    ('dog 1 2\n\ncat 1 2\ncow\n\n', r'v\.vec:4: '),
    ('cat 1 2\ndog 1 2 3\n', r'v\.vec:2: '),
    ('cat 1 2\ndog 1e39 3\n', r'v\.vec:2: '),
    ('cat 1 2\ndog inf 3\n', r'v\.vec:2: '),
    ('dog' * 1_000_000, r'v\.vec:1: a line of more than 1,048,576 bytes'),
    ('cat 1 2\ndog ' + '1 ' * 1_000_000, r'v\.vec:2: a line of more than'),
])
def test_lines_that_do_not_fit(tmp_path, content, message):
    (tmp_path / 'v.vec').write_text(content)
    with pytest.raises(InputError, match=message) as error:
        word_embeddings(['dog'], TextVectors(tmp_path / 'v.vec'))
    assert str(error.value).isprintable() and len(str(error.value)) < 400


def test_a_line_without_end_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr(text_vectors, 'LONGEST_LINE', 1000)
    sizes = []

    class Endless:
        def readline(self, size):
            sizes.append(size)
            return b'x' * size

    (tmp_path / 'v.vec').write_text(HEADED)
    source = TextVectors(tmp_path / 'v.vec')
    with pytest.raises(InputError, match='v.vec:1: a line of more than 1,000 bytes'):
        next(source._lines(Endless()))
    assert sizes == [1000]


def word2vec_binary(width):
    vectors = np.linspace(-1, 1, 3 * width, dtype=np.float32).reshape(3, width)
    entries = (word + b' ' + row.tobytes() for word, row in zip((b'dog', b'cat', b'in'), vectors))
    return f'3 {width}\n'.encode() + b'\n'.join(entries)


@pytest.mark.parametrize(('content', 'message'), [
    (word2vec_binary(2), r'binary word2vec file \(.bin\); make it text with gensim'),
    (word2vec_binary(300), 'binary word2vec file'),
    (b'\xba\x16\x4f\x2f' + bytes(100), r'fastText model \(.bin\); give the .vec file'),
    (b'PK\x03\x04' + bytes(2_000_000), 'a zip archive; unzip it'),
    (b'\x80\x04' + bytes(10), 'a Python pickle'),
    (b'\x93NUMPY', 'end in .npy'),
    (b'\x89HDF\r\n', 'an HDF5 file'),
    (gzip.compress(b'dog 1 2', mtime=0), 'within a gzip file'),
    ('dog 1 2\n'.encode('utf-16'), 'no text in UTF-8'),
])
@pytest.mark.parametrize('compress', [False, True])
def test_other_files_are_told_what_they_are(tmp_path, content, message, compress):
    if content.startswith(text_vectors.GZIP_MAGIC) and not compress:
        content = gzip.compress(content)
    (tmp_path / 'v.bin').write_bytes(gzip.compress(content) if compress else content)
    with pytest.raises(InputError, match=f'v.bin is .*{message}') as error:
        TextVectors(tmp_path / 'v.bin')
    assert str(error.value).isprintable()


def test_of_repeated_words_the_first_counts_and_the_report_says_so(tmp_path):
    (tmp_path / 'v.vec').write_text('dog 1 2\ncat 1 1\ncat 2 2\ndog 3 4\ndog 5 6\n')
    embeddings, report = word_embeddings(['dog'], TextVectors(tmp_path / 'v.vec'))
    np.testing.assert_array_equal(embeddings, [[1, 2]])
    assert report.repeated == {'dog': 'line 1 counts, line 4 does not'}


@pytest.mark.fuzz
@pytest.mark.parametrize('content', [GLOVE, NUMBERBATCH])
@pytest.mark.parametrize('compress', [False, True])
def test_mutated_text(tmp_path, content, compress):
    data = content.encode()
    attack(lambda path: word_embeddings(['dog', 'hot dog'], TextVectors(path), missing='zero'), tmp_path / 'v.txt',
           gzip.compress(data) if compress else data)
