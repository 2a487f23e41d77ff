// Charts of two shares between 0 and 1.
const CHART = {width: 440, height: 340, left: 52, right: 14, top: 10, bottom: 44};

const chartX = (value) => CHART.left + value * (CHART.width - CHART.left - CHART.right);
const chartY = (value) => CHART.top + (1 - value) * (CHART.height - CHART.top - CHART.bottom);

/** Axes and grid as an SVG element; what is drawn comes into it. */
function chart(label, xName, yName) {
    const root = svg('svg', {class: 'chart', viewBox: `0 0 ${CHART.width} ${CHART.height}`, role: 'img', 'aria-label': label});
    for (let step = 0; step <= 5; step += 1) {
        const value = step / 5;
        root.append(
            svg('line', {x1: chartX(value), x2: chartX(value), y1: chartY(0), y2: chartY(1), stroke: 'var(--grid)'}),
            svg('line', {x1: chartX(0), x2: chartX(1), y1: chartY(value), y2: chartY(value), stroke: 'var(--grid)'}),
            svg('text', {x: chartX(value), y: chartY(0) + 17, 'text-anchor': 'middle'}, value.toFixed(1)),
            svg('text', {x: chartX(0) - 7, y: chartY(value) + 4, 'text-anchor': 'end'}, value.toFixed(1)));
    }
    root.append(
        svg('text', {x: chartX(.5), y: CHART.height - 8, 'text-anchor': 'middle'}, xName),
        svg('text', {transform: `translate(14 ${chartY(.5)}) rotate(-90)`, 'text-anchor': 'middle'}, yName));
    return root;
}

const dashed = (x1, y1, x2, y2) => svg('line', {x1: chartX(x1), y1: chartY(y1), x2: chartX(x2), y2: chartY(y2),
    stroke: 'var(--soft)', 'stroke-dasharray': '5 4'});

/** Precision-recall steps: the area under them is the average precision. */
function stepPath([recalls, precisions]) {
    if (!recalls.length) return '';
    return `M${chartX(0)},${chartY(precisions[0])}` + recalls.map((recall, index) =>
        `V${chartY(precisions[index]).toFixed(2)}H${chartX(recall).toFixed(2)}`).join('');
}

const dot = (x, y, radius, text, fillColour = 'var(--blue)') => withTip(svg('circle', {cx: chartX(x), cy: chartY(y), r: radius,
    fill: fillColour, stroke: 'var(--back)'}), text);

/** An interval of a figure on a line from low to high, with the figure as a mark. */
function rangeMark(value, low, high, from, to) {
    const [width, height] = [128, 22];
    const at = (number) => 4 + (number - from) / (to - from || 1) * (width - 8);
    const root = svg('svg', {class: 'range', viewBox: `0 0 ${width} ${height}`, 'aria-hidden': 'true'},
        svg('line', {x1: 4, x2: width - 4, y1: 11, y2: 11, stroke: 'var(--grid)'}));
    if (from < 0 && to > 0) root.append(svg('line', {x1: at(0), x2: at(0), y1: 2, y2: 20, stroke: 'var(--soft)'}));
    if (low !== null) root.append(svg('line', {x1: at(low), x2: at(high), y1: 11, y2: 11, stroke: 'var(--blue)',
        'stroke-width': 5, 'stroke-opacity': .4}));
    if (value !== null) root.append(svg('circle', {cx: at(value), cy: 11, r: 3.5, fill: 'var(--blue)'}));
    return root;
}
