// What changed from another run.
const trend = (value, digits = 3) => el('span', {class: value > 0 ? 'up' : value < 0 ? 'down' : null}, signed(value, digits));
const differs = (low, high) => low !== null && (low > 0 || high < 0);

function comparisonPart() {
    const {comparison} = data;
    const host = section('comparison');
    host.append(
        el('p', {}, `Differences are ${data.file} minus ${comparison.other}, above 0 where ${data.file} is better, on the ` +
            `${whole(comparison.samples)} samples that both have. ${data.draws ? 'Intervals are those of the paired bootstrap (basic): both runs on ' +
            `the same drawn samples, ${whole(data.draws)} draws (seed ${data.seed}), ${percent} %.` : 'No bootstrap draws were made.'}` +
            `${comparison.thresholds ? '' : ' Figures at the thresholds are left out, as those of the model belong to one run.'}`),
        comparison.notes.length ? el('ul', {class: 'notes'}, ...comparison.notes.map((note) => el('li', {}, note))) : '',
        table({
            caption: 'compared figures', plain: true, rows: comparison.figures,
            columns: [
                {label: 'Figure', text: true, value: figureName},
                {label: short(data.file, 24), value: (row) => row.value, show: (value) => fixed(value, 4)},
                {label: short(comparison.other, 24), value: (row) => row.other, show: (value) => fixed(value, 4)},
                {label: 'Difference', value: (row) => row.difference, show: (value) => trend(value, 4)},
                {label: `${percent} % interval`, value: (row) => row.low, show: (_, row) => between(row.low, row.high, (v) => signed(v, 4))},
                {label: 'Draws above 0', value: (row) => row.above, show: (value) => (value === null ? NONE : `${(value * 100).toFixed(1)} %`)},
            ],
        }).node,
        el('h3', {}, 'Classes that changed'), ...changedClasses(comparison.classes), ...changedSamples(comparison));
}

function changedClasses(columns) {
    const of = (key) => (index) => columns[key][index];
    const all = names.map((_, index) => index).filter((index) => columns.difference[index] !== null);
    const sure = all.filter((index) => differs(columns.low[index], columns.high[index]));
    const reach = Math.max(...all.map((index) => Math.max(Math.abs(columns.low[index] ?? 0), Math.abs(columns.high[index] ?? 0),
        Math.abs(columns.difference[index]))), .01);
    const chance = Math.round(all.length * (1 - data.level));
    return [
        el('p', {class: 'definition'}, `The class that lost most comes first. ${data.draws ? `The intervals of ${sure.length} of ` +
            `${all.length} classes leave out 0 (marked); about ${chance} would by chance alone.` : ''}`),
        table({
            caption: 'compared classes', rows: all, sort: {column: 3, up: true}, limit: 100,
            rowClass: (index) => (sure.includes(index) ? 'chosen' : null),
            columns: [
                {label: 'Class', text: true, value: (index) => names[index]},
                {label: 'AP', value: of('ap')}, {label: 'AP of the other', value: of('other')},
                {label: 'Difference', value: of('difference'), upFirst: true, show: (value) => trend(value)},
                {label: `${percent} % interval`, value: of('low'), upFirst: true, show: (_, index) => el('span',
                    {title: between(columns.low[index], columns.high[index], signed)},
                    rangeMark(columns.difference[index], columns.low[index], columns.high[index], -reach, reach))},
                {label: 'Positives', value: of('positives'), show: whole},
            ],
        }).node];
}

function changedSamples(comparison) {
    const list = el('div', {id: 'changed-cards'});
    const {rows} = comparison;
    const of = (key) => (index) => rows[key][index];
    const extra = (sample) => [el('p', {}, `In ${short(comparison.other, 40)}: AP ${fixed(sample.other.ap)}, loss ` +
        `${fixed(sample.other.loss)}; ${sample.other.true.map(([label, probability]) =>
            `${names[label]} ${fixed(probability, 2)}`).join(', ')}`)];
    const show = (kind) => list.replaceChildren(cards(comparison[kind], extra));
    show('lost');
    return [
        el('h3', {}, 'Samples that changed'),
        choice('Samples that', [['lost', 'lost most'], ['gained', 'gained most']], 'lost', show), list,
        table({
            caption: 'compared samples', rows: rows.id.map((_, index) => index), sort: {column: 3, up: true}, limit: 25,
            columns: [
                {label: 'Sample', text: true, value: of('id')}, {label: 'AP', value: of('ap')},
                {label: 'AP in the other', value: of('other')},
                {label: 'Difference', value: of('difference'), upFirst: true, show: (value) => trend(value)},
                {label: 'Difference in loss', value: of('loss'), show: (value) => signed(value)},
            ],
        }).node];
}
