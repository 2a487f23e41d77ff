// The table of the classes; a class that is chosen there is drawn below.
const chosenClass = {index: null, calls: []};

/** Show a class wherever one is shown; null is all classes together. */
function chooseClass(index) {
    chosenClass.index = index;
    chosenClass.calls.forEach((call) => call(index));
}

function classes() {
    const {classes: columns} = data;
    const of = (key) => (index) => columns[key][index];
    const absent = columns.positives.filter((count) => count === 0).length;
    const shown = table({
        caption: 'classes', rows: names.map((_, index) => index), sort: {column: 1, up: true}, limit: 200,
        rowClass: (index) => (index === chosenClass.index ? 'chosen' : null),
        columns: [
            {label: 'Class', text: true, value: (index) => names[index], show: (name, index) => el('button',
                {type: 'button', class: 'link', title: 'draw its curves', on: {click: () => {
                    chooseClass(index);
                    section('curves').scrollIntoView();
                }}}, name)},
            {label: 'AP', value: of('ap'), upFirst: true, help: 'average precision, every sample counts'},
            {label: `${percent} % interval`, value: of('low'), upFirst: true, help: 'sorted by its lower end',
                show: (_, index) => el('span', {title: between(columns.low[index], columns.high[index])},
                    rangeMark(columns.ap[index], columns.low[index], columns.high[index], 0, 1))},
            {label: 'Positives', value: of('positives'), show: whole, help: 'samples that carry the label'},
            {label: 'Share', value: of('share'), help: 'of the samples that carry the label: the AP of guessing'},
            {label: 'Threshold', value: of('threshold')},
            {label: 'Predicted', value: of('predicted'), show: whole, help: 'samples whose score reaches the threshold'},
            {label: 'P', value: of('precision'), upFirst: true, help: 'precision at the threshold'},
            {label: 'R', value: of('recall'), upFirst: true, help: 'recall at the threshold'},
            {label: 'F1', value: of('f1'), upFirst: true, help: 'at the threshold'},
            {label: 'ECE', value: of('ece'), help: 'expected calibration error of the class'},
        ],
    });
    chosenClass.calls.push(shown.draw);
    section('classes').append(
        el('p', {class: 'definition'}, 'The worst average precision comes first; a heading sorts by its column, a name draws the ' +
            `curves of its class. P, R and F1 are at the threshold.${absent ? ` ${absent} classes have no positives here, so that ` +
            'nothing can be said of them: they come last and are left out of every mean.' : ''}`),
        shown.node);
}
