// Precision-recall and calibration curves of a class or of all together.
const LARGEST_DOT = 9;

function curves() {
    const {curves: content} = data;
    const select = el('select', {on: {change: () => chooseClass(select.value === '' ? null : Number(select.value))}},
        el('option', {value: ''}, 'all classes together (micro)'),
        ...names.map((name, index) => [name, index]).sort((a, b) => a[0].localeCompare(b[0]))
            .map(([name, index]) => el('option', {value: index}, name)));
    const [left, right, numbers] = [el('figure'), el('figure'), el('div')];
    const draw = (index) => {
        select.value = index === null ? '' : index;
        const name = index === null ? 'all classes together' : names[index];
        left.replaceChildren(...precisionRecall(index, name));
        const bins = index === null ? content.pooled :
            Object.fromEntries(Object.entries(content.bins).map(([key, values]) => [key, values[index]]));
        right.replaceChildren(...calibration(bins, index, name));
        numbers.replaceChildren(binTable(bins));
    };
    section('curves').append(
        el('div', {class: 'bar'}, labelled('Class', select)),
        el('div', {class: 'charts'}, left, right),
        el('details', {}, el('summary', {}, 'The calibration curve in numbers'), numbers),
        el('ul', {class: 'notes'}, ...content.errors.map((error) =>
            el('li', {}, `${error.name}: ${fixed(error.value, 4)} (${error.definition})`))));
    chosenClass.calls.push(draw);
    draw(null);
}

function precisionRecall(index, name) {
    const {curves: content, classes: columns} = data;
    const points = index === null ? content.micro : content.pr[index];
    const ap = index === null ? content.micro_ap : columns.ap[index];
    const caption = el('figcaption', {}, `Precision and recall: ${name}, ${index === null ? 'micro AP' : 'AP'} ${fixed(ap)}`);
    if (!points[0].length) return [caption, el('p', {class: 'soft'}, 'The class has no positives here, so there is no curve.')];
    const root = chart(`Precision against recall of ${name}, average precision ${fixed(ap)}`, 'recall', 'precision');
    root.append(svg('path', {d: stepPath(points), fill: 'none', stroke: 'var(--blue)', 'stroke-width': 2}));
    const lines = ['The area under the steps is the average precision.'];
    if (index !== null) {
        const share = columns.share[index];
        root.append(dashed(0, share, 1, share));
        lines.push(`Dashed: the share of positives, ${fixed(share)}, which guessing reaches.`);
        if (columns.predicted[index]) {
            const [recall, precision] = [columns.recall[index], columns.precision[index]];
            root.append(dot(recall, precision, 5, `at the threshold ${fixed(columns.threshold[index])}: precision ` +
                `${fixed(precision)}, recall ${fixed(recall)}`, 'var(--orange)'));
            lines.push('The dot is the threshold.');
        }
    }
    return [caption, root, el('p', {class: 'definition'}, lines.join(' '))];
}

function calibration(bins, index, name) {
    const caption = el('figcaption', {}, `Calibration: ${name}, ECE ` +
        `${fixed(index === null ? data.curves.errors[0].value : data.classes.ece[index])}`);
    const root = chart(`Share of true labels against predicted probability of ${name}`, 'mean predicted probability',
        'share that is true');
    root.append(dashed(0, 0, 1, 1));
    const filled = bins.counts.map((_, bin) => bin).filter((bin) => bins.counts[bin] > 0);
    const most = Math.log1p(Math.max(...bins.counts, 1));
    root.append(svg('polyline', {fill: 'none', stroke: 'var(--blue)', 'stroke-width': 1.5,
        points: filled.map((bin) => `${chartX(bins.confidence[bin])},${chartY(bins.positives[bin])}`).join(' ')}));
    filled.forEach((bin) => root.append(dot(bins.confidence[bin], bins.positives[bin],
        2.5 + Math.log1p(bins.counts[bin]) / most * (LARGEST_DOT - 2.5), binText(bins, bin))));
    return [caption, root, el('p', {class: 'definition'}, 'Each dot is a bin of predictions, larger where there are more ' +
        '(by logarithm). On the dashed line probabilities are what they say; below it they are too high.')];
}

const binText = (bins, bin) => `${whole(bins.counts[bin])} predictions of ${fixed(bins.confidence[bin])} on average, ` +
    `${fixed(bins.positives[bin])} of them true`;

function binTable(bins) {
    const rows = bins.counts.map((_, bin) => bin);
    return table({
        caption: 'bins of probability', search: false, rows, sort: {column: 0, up: true},
        columns: [
            {label: 'From', value: (bin) => bin / rows.length}, {label: 'To', value: (bin) => (bin + 1) / rows.length},
            {label: 'Predictions', value: (bin) => bins.counts[bin], show: whole},
            {label: 'Mean probability', value: (bin) => bins.confidence[bin]},
            {label: 'True', value: (bin) => bins.positives[bin]},
        ],
    }).node;
}
