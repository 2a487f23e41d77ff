// Pairs of labels: predicted together against true together, confused, missed.
const first = {label: 'Label', text: true, value: (row) => names[row[0]]};
const share = (a, b) => (b ? a / b : null);
const PAIRS = {
    together: {
        text: 'Together',
        definition: 'Co-prediction against co-occurrence: samples in which both labels are predicted, and samples in which both are ' +
            'true. The pairs whose counts differ most come first.',
        columns: [
            {...first}, {label: 'and', text: true, value: (row) => names[row[1]]},
            {label: 'Both true', value: (row) => row[2], show: whole},
            {label: 'Both predicted', value: (row) => row[3], show: whole},
            {label: 'Difference', value: (row) => row[3] - row[2], show: (value) => signed(value, 0)},
        ],
    },
    confused: {
        text: 'Confused',
        definition: 'The first label is true and not predicted, and the second, which is not true, is predicted. By chance: as many ' +
            'samples as there would be if the misses of the first had nothing to do with the false predictions of the second. ' +
            'The pairs furthest above chance come first.',
        columns: [
            {...first, label: 'True, missed'}, {label: 'Predicted instead', text: true, value: (row) => names[row[1]]},
            {label: 'Samples', value: (row) => row[2], show: whole},
            {label: 'By chance', value: (row) => row[3], show: (value) => fixed(value, 1)},
            {label: 'Above chance', value: (row) => row[2] - row[3], show: (value) => signed(value, 1)},
            {label: 'Of the misses', value: (row) => share(row[2], row[4]), help: 'share of the samples where the first is missed'},
        ],
    },
    missed: {
        text: 'Missed',
        definition: 'Both labels are true and neither is predicted. The pairs with the most such samples come first.',
        columns: [
            {...first}, {label: 'and', text: true, value: (row) => names[row[1]]},
            {label: 'Both missed', value: (row) => row[2], show: whole},
            {label: 'Both true', value: (row) => row[3], show: whole},
            {label: 'Share', value: (row) => share(row[2], row[3])},
        ],
    },
};

function pairs() {
    const host = section('pairs');
    const list = el('div', {id: 'pair-list'});
    const show = (kind) => {
        const {definition, columns, text} = PAIRS[kind];
        const rows = data.pairs[kind];
        list.replaceChildren(el('p', {class: 'definition'}, definition),
            rows.length ? table({caption: `pairs: ${text.toLowerCase()}`, columns, rows, sort: {column: null}, limit: 50}).node :
                el('p', {class: 'soft'}, 'There are no such pairs.'));
    };
    host.append(choice('Pairs', Object.entries(PAIRS).map(([kind, {text}]) => [kind, text]), 'together', show), list);
    if (data.pairs.classes < names.length) {
        host.append(el('p', {class: 'soft'}, `Pairs are counted among the ${whole(data.pairs.classes)} most frequent classes.`));
    }
    show('together');
    if (data.pairs.map.classes.length > 1) host.append(heatMap(data.pairs.map));
}
