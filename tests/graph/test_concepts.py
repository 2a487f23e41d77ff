import pytest

from kss_mm.graph.concept_names import split_text, text_to_uri
from kss_mm.graph.concepts import FoundConcept, candidate_concepts, match_concepts


@pytest.mark.parametrize(('text', 'name'), [
    ('Tennis Racket', 'tennis_racket'),
    ('a test phrase', 'test_phrase'),
    ('to the lighthouse', 'lighthouse'),
    ('to be', 'be'),
    ('the', 'the'),
    ('T-shirt', 't_shirt'),
    ('white\u2010tailed deer', 'white_tailed_deer'),
    ('jack-in-the-box', 'jack_in_box'),
    ("someone's house", "someone's_house"),
    ('someone’s house', "someone's_house"),
    ("'scape", 'scape'),
    ("hors d'oeuvre", 'hors_d_oeuvre'),
    ('24 hours', '24_hours'),
    ('1,000 dollars, or 2', '1,000_dollars_or_2'),
    ('U.S. Navy', 'u.s_navy'),
    ('hot_dog', 'hot_dog'),
    ('Sitting on sofa, smiling!', 'sitting_on_sofa_smiling'),
    ('u\N{COMBINING DIAERESIS}ber', 'über'),
    ('!?', ''),
])
def test_names_are_made_as_conceptnet_makes_them(text, name):
    assert text_to_uri(text) == name


def test_other_languages_keep_what_are_articles_in_english():
    assert text_to_uri('Haus an der Straße', 'de') == 'haus_an_der_strasse'
    assert split_text('हिन्दी शब्द') == ['हिन्दी', 'शब्द']  # combining marks belong to their word


KNOWN = set('dog hot_dog tennis racket ski sport ball sofa couch city glass box table on sit leaf leave knife walk eat '
            'wash person clothe tail white deer f x t shirt 16 tractor trailer go_round ride_horse ride horse park '
            'meter park_meter shoe run machine close see lead building paint frame house a b'.split())


@pytest.mark.parametrize(('label', 'concepts', 'rule'), [
    ('Dog', ('dog',), 'exact'),
    ('hot dog', ('hot_dog',), 'exact'),
    ('hot dogs', ('hot_dog',), 'lemma'),
    ('big hot dogs', ('hot_dog',), 'sub-phrases'),
    ('tennis racket', ('tennis', 'racket'), 'sub-phrases'),
    ('sports ball', ('sport', 'ball'), 'sub-phrases'),
    ('skis', ('ski',), 'lemma'),
    ('cities', ('city',), 'lemma'),
    ('boxes', ('box',), 'lemma'),
    ('glass', ('glass',), 'exact'),
    ('glasses', ('glass',), 'lemma'),
    ('sofa/couch', ('sofa', 'couch'), 'exact'),
    ('sofas/couch', ('sofa', 'couch'), 'lemma'),
    ('sit on a table', ('sit', 'table'), 'sub-phrases'),
    ('surfboard', (), 'none'),
    ('???', (), 'none'),
    # Lemmas: irregular, of verbs, and none where the form is a word of its own.
    ('knives', ('knife',), 'lemma'),
    ('leaves', ('leaf',), 'lemma'),
    ('people', ('person',), 'lemma'),
    ('walking', ('walk',), 'lemma'),
    ('washed', ('wash',), 'lemma'),
    ('clothes', (), 'none'),
    ('saw', (), 'none'),
    ('buildings', ('building',), 'lemma'),
    ('frisbee dogs', ('dog',), 'sub-phrases'),
    # Phrases of verbs; a verb before a noun says what kind of thing that is.
    ('riding a horse', ('ride_horse', 'ride', 'horse'), 'sub-phrases'),
    ('riding horses', ('ride_horse', 'horse'), 'sub-phrases'),
    ('parking meter', ('park_meter', 'meter'), 'sub-phrases'),
    ('washing machine', ('machine',), 'sub-phrases'),
    ('running shoes', ('shoe',), 'sub-phrases'),
    ('washing clothes', ('wash',), 'sub-phrases'),
    ('a dog walking', ('dog', 'walk'), 'sub-phrases'),
    # Words with hyphens are words: never one of their parts, nor a letter or number.
    ('f-16', (), 'none'),
    ('x-ray', (), 'none'),
    ('t-shirt', (), 'none'),
    ('white-tailed deer', ('deer',), 'sub-phrases'),
    ('white-tailed', (), 'none'),
    ('close-up', (), 'none'),
    ('a-frame house', ('house',), 'sub-phrases'),
    ('a-frame', (), 'none'),
    ('tractor-trailers', ('tractor', 'trailer'), 'hyphen parts'),
    ('dog x', ('dog',), 'sub-phrases'),
    ('dog 16', ('dog',), 'sub-phrases'),
    ('x', ('x',), 'exact'),
    ('16', ('16',), 'exact'),
])
def test_rules(label, concepts, rule):
    match, = match_concepts([label], KNOWN)
    assert (match.concepts, match.rule) == (concepts, rule)
    assert set(concepts) <= candidate_concepts([label])  # one pass over ConceptNet looks for all of them


@pytest.mark.parametrize(('label', 'names'), [
    ('f-16', ['f-16', 'f_16']),
    ('T-shirt', ['t-shirt', 't_shirt']),
    ('white-tailed deer', ['white-tailed_deer', 'white_tailed_deer', 'white-tailed']),
    ('jack-in-the-box', ['jack-in-the-box', 'jack_in_the_box', 'jack_in_box']),
])
def test_order_of_the_names_of_words_with_hyphens(label, names):
    for index, name in enumerate(names):
        match, = match_concepts([label], set(names[index:]))
        assert match.concepts == (name,)
    assert set(names) <= candidate_concepts([label])


def test_doubtful_matches_tell_what_they_came_from():
    matches = match_concepts(['big hot dogs', 'tractor-trailers'], KNOWN)
    assert [match.found for match in matches] == [
        (FoundConcept('hot_dog', 'hot dogs', lemma=True),),
        (FoundConcept('tractor', 'tractor'), FoundConcept('trailer', 'trailers', lemma=True))]


def test_other_languages_are_looked_up_as_they_stand():
    known = {'hund', 'hunde', 'an', 'dogs', '狗'}
    found = {label: match_concepts([label], known, language='de')[0].concepts
             for label in ('Hund', 'Hunden', 'Hunde an', 'dogs', '狗')}
    assert found == {'Hund': ('hund',), 'Hunden': (), 'Hunde an': ('hunde', 'an'), 'dogs': ('dogs',), '狗': ('狗',)}


def test_a_label_of_thousands_of_words_takes_no_long():
    label = 'dog cat ' * 2000
    assert match_concepts([label], KNOWN)[0].concepts == ('dog',)
    assert len(candidate_concepts([label])) < 1000


def test_mapping_comes_first_and_reports_what_is_not_known():
    mapping = {'wiener': ['hot dog', 'surfboard'], 'x': [], 'y': ['/c/en/tennis/n', '/c/de/hund'],
               'z': ['/c/', '/c/en']}
    matches = match_concepts(['wiener', 'dog', 'x', 'y', 'z'], KNOWN, mapping)
    assert [(m.concepts, m.rule, m.missing) for m in matches] == [
        (('hot_dog',), 'mapping', ('surfboard',)), (('dog',), 'exact', ()), ((), 'none', ()),
        (('tennis',), 'mapping', ('/c/de/hund',)), ((), 'none', ('/c/', '/c/en'))]
