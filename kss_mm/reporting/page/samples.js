// The samples whose labels rank worst and best, and all of them as a table.
function samples() {
    const {rows} = data;
    const list = el('div', {id: 'sample-cards'});
    const show = (kind) => list.replaceChildren(cards(data[kind]));
    const of = (key) => (index) => rows[key][index];
    section('samples').append(
        el('p', {class: 'definition'}, 'AP of a sample: the average precision of its true labels in the ranking of all labels by its ' +
            'scores, 1 where every true label stands above every other. Where it is equal, the loss decides: the mean binary ' +
            'cross-entropy over the labels. ✓ is predicted, ✗ is missed; the place is that in the ranking.' +
            `${data.media.given ? '' : ' No folder of media was given, so there are no pictures (--media FOLDER).'}`),
        choice('Samples', [['worst', 'worst'], ['best', 'best']], 'worst', show), list,
        el('h3', {}, 'All samples'),
        table({
            caption: 'samples', rows: rows.id.map((_, index) => index), sort: {column: 1, up: true}, limit: 50,
            columns: [
                {label: 'Sample', text: true, value: of('id')}, {label: 'AP', value: of('ap'), upFirst: true},
                {label: 'Loss', value: of('loss')}, {label: 'Labels', value: of('labels'), show: whole},
                {label: 'Missed', value: of('missed'), show: whole},
                {label: 'Predicted, not true', value: of('wrong'), show: whole},
            ],
        }).node);
    show('worst');
}
