// What was evaluated, the main figures as tiles, and all figures with their protocols.
const TILES = [['', 'mAP, every sample'], ['', 'mAP, Charades'], ['at the thresholds', 'CF1'], ['at the thresholds', 'OF1'],
    ['ML-GCN, all', 'CF1'], ['ML-GCN, all', 'OF1']];
const TILES_SHOWN = 4;
const percent = Math.round(data.level * 100);
const intervalText = () => (data.draws ? `${percent} % interval: the reverse percentile ("basic") interval of ${whole(data.draws)} ` +
    `bootstrap draws of the samples with replacement (seed ${data.seed}), each class over the draws that have a positive of it.` :
    'No intervals: no bootstrap draws were made.');
const figureName = (figure) => (figure.group ? `${figure.name}, ${figure.group}` : figure.name);

function tile([group, name]) {
    const figure = data.figures.find((each) => each.group === group && each.name === name);
    if (!figure) return null;
    return el('div', {class: 'tile'}, figureName(figure), el('b', {}, fixed(figure.value)),
        el('span', {class: 'soft'}, figure.low === null ? 'no interval' : `${percent} %: ${between(figure.low, figure.high)}`));
}

function summary() {
    const host = section('figures');
    host.append(
        el('p', {}, `${whole(data.samples)} samples, ${whole(names.length)} classes. A label is predicted from its threshold on: ` +
            `${data.thresholds}.`),
        el('div', {class: 'tiles'}, ...TILES.map(tile).filter(Boolean).slice(0, TILES_SHOWN)),
        el('ul', {class: 'notes'}, el('li', {}, intervalText()), ...data.notes.map((note) => el('li', {}, note))),
        table({
            caption: 'figures of rankings', plain: true, rows: data.figures.filter((figure) => !figure.group),
            columns: [
                {label: 'Figure', text: true, value: figureName},
                {label: 'Value', value: (row) => row.value, show: (value) => fixed(value, 4)},
                {label: `${percent} % interval`, value: (row) => row.low, show: (_, row) => between(row.low, row.high, (v) => fixed(v, 4))},
                {label: 'Protocol', text: true, wide: true, value: (row) => row.protocol},
            ],
        }).node,
        ...decisions());
}

/** Figures of what is predicted: a row for each rule, and what the columns are. */
function decisions() {
    const found = data.figures.filter((figure) => figure.group);
    const groups = [...new Set(found.map((figure) => figure.group))];
    const kinds = [...new Set(found.map((figure) => figure.name))];
    const of = (group, name) => found.find((figure) => figure.group === group && figure.name === name);
    return [
        el('h3', {}, 'Figures of what is predicted'),
        table({
            caption: 'figures of predictions', plain: true, rows: groups,
            columns: [
                {label: 'Predicted', text: true, value: (group) => `${group}: ${of(group, kinds[0]).rule}`},
                ...kinds.map((name) => ({label: name, help: of(groups[0], name).protocol, value: (group) => of(group, name).value,
                    show: (value, group) => el('span', {}, fixed(value), el('br'), el('small', {class: 'soft'},
                        between(of(group, name).low, of(group, name).high)))})),
            ],
        }).node,
        el('ul', {class: 'notes'}, ...kinds.map((name) => el('li', {}, `${name}: ${of(groups[0], name).protocol}`)))];
}
