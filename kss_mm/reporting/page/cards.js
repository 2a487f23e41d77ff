// Cards of samples: a picture, the true labels, and what was wrongly predicted.
function labelList(title, labels, more, row) {
    if (!labels.length) return null;
    return el('div', {}, el('p', {class: 'soft'}, title),
        el('ul', {}, ...labels.map(row), more ? el('li', {}, `and ${more} more`) : null));
}

function card(sample, extra = []) {
    const picture = data.media.pictures[sample.id];
    return el('article', {class: 'card'}, el('h4', {}, sample.id),
        picture ? el('img', {src: picture, alt: `Picture of ${sample.id}`}) :
            data.media.given ? el('p', {class: 'soft'}, 'no picture, see the notes at the top') : null,
        el('p', {}, sample.predicted ? `AP ${fixed(sample.ap)}, loss ${fixed(sample.loss)}` : 'without a prediction'),
        ...extra,
        labelList('True: probability · place', sample.true, sample.more[0], ([label, probability, predicted, place]) => el('li', {},
            el('span', {}, `${predicted ? '✓' : '✗'} ${names[label]}`), el('span', {}, `${fixed(probability, 2)} · #${place}`))),
        labelList('Predicted, not true', sample.wrong, sample.more[1], ([label, probability, place]) => el('li', {},
            el('span', {}, names[label]), el('span', {}, `${fixed(probability, 2)} · #${place}`))));
}

const cards = (samples, extra) => (samples.length ? el('div', {class: 'cards'}, ...samples.map((sample) =>
    card(sample, extra && extra(sample)))) : el('p', {class: 'soft'}, 'There are no such samples.'));
