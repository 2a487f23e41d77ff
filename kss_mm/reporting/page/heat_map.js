// All pairs at once: how often the label of a column goes with that of a row, in truth and in predictions.
const SMALLEST_CELL = 3;
const LARGEST_CELL = 18;
const NAMED_CELL = 9;  // pixels from which a name fits beside a row
const NAME_WIDTH = 170;
const MAP_MODES = {
    truth: ['true', (map, i, j) => share(map.together[i][j], map.together[i][i])],
    predicted: ['predicted', (map, i, j) => share(map.predicted[i][j], map.predicted[i][i])],
    difference: ['predicted minus true', (map, i, j) => {
        const [a, b] = ['predicted', 'truth'].map((mode) => MAP_MODES[mode][1](map, i, j));
        return a === null || b === null ? null : a - b;
    }],
};

function heatMap(map) {
    const size = map.classes.length;
    const canvas = el('canvas', {tabindex: 0, role: 'img', 'aria-label': 'Map of all pairs of labels; the arrow keys go from cell to ' +
        'cell, and the line below says what is in it'});
    const box = el('div', {class: 'scroll', style: 'width: fit-content; max-width: 100%'}, canvas);
    const line = el('output', {'aria-live': 'polite'});
    const state = {mode: 'truth', at: null, cell: SMALLEST_CELL, left: 0};

    function paint() {
        const width = node.clientWidth - 4;
        const cell = (room) => Math.max(SMALLEST_CELL, Math.min(LARGEST_CELL, Math.floor(Math.min(room, 680) / size)));
        state.left = cell(width - NAME_WIDTH) >= NAMED_CELL ? NAME_WIDTH : 0;
        state.cell = cell(width - state.left);
        const context = sized(canvas, size * state.cell + state.left, size * state.cell);
        if (state.left) rowNames(context);
        context.translate(state.left, 0);
        const [high, low] = [colour('blue'), colour('orange')];
        const value = MAP_MODES[state.mode][1];
        for (let i = 0; i < size; i += 1) {
            for (let j = 0; j < size; j += 1) {
                const found = i === j ? null : value(map, i, j);
                if (!found) continue;
                context.globalAlpha = Math.sqrt(Math.min(Math.abs(found), 1));
                context.fillStyle = found > 0 ? high : low;
                context.fillRect(j * state.cell, i * state.cell, state.cell, state.cell);
            }
        }
        context.globalAlpha = 1;
        context.fillStyle = colour('grid');
        for (let i = 0; i < size; i += 1) context.fillRect(i * state.cell, i * state.cell, state.cell, state.cell);
        if (state.at) {
            context.strokeStyle = colour('text');
            context.lineWidth = 2;
            context.strokeRect(state.at[1] * state.cell, state.at[0] * state.cell, state.cell, state.cell);
        }
    }

    function rowNames(context) {
        context.font = `${Math.min(state.cell - 1, 12)}px system-ui, sans-serif`;
        context.fillStyle = colour('text');
        context.textAlign = 'right';
        context.textBaseline = 'middle';
        map.classes.forEach((label, row) => context.fillText(short(names[label], 26), state.left - 6, (row + .5) * state.cell,
            state.left - 10));
    }

    function text([i, j]) {
        const [row, column] = [names[map.classes[i]], names[map.classes[j]]];
        const [true_, predicted] = ['truth', 'predicted'].map((mode) => fixed(MAP_MODES[mode][1](map, i, j)));
        if (i === j) return `${row}: true in ${whole(map.together[i][i])} samples, predicted in ${whole(map.predicted[i][i])}`;
        return `of the samples with ${row}, ${column} is in ${true_} (true, ${whole(map.together[i][j])} samples); where ${row} is ` +
            `predicted, ${column} is in ${predicted} (${whole(map.predicted[i][j])} samples)`;
    }

    const cellOf = (event) => {
        const bounds = canvas.getBoundingClientRect();
        return [event.clientY - bounds.top, event.clientX - bounds.left - state.left].map((place) =>
            Math.max(0, Math.min(size - 1, Math.floor(place / state.cell))));
    };
    const go = (at) => {
        state.at = at;
        line.textContent = text(at);
        paint();
    };
    canvas.addEventListener('pointermove', (event) => showTip(text(cellOf(event)), event));
    canvas.addEventListener('pointerleave', () => showTip(null));
    canvas.addEventListener('click', (event) => go(cellOf(event)));
    canvas.addEventListener('keydown', (event) => {
        const step = {ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1]}[event.key];
        if (!step) return;
        event.preventDefault();
        const at = state.at || [0, 0];
        go([0, 1].map((axis) => Math.max(0, Math.min(size - 1, at[axis] + step[axis]))));
    });
    const node = el('div', {id: 'pair-map'}, el('h3', {}, 'All pairs'),
        el('p', {class: 'definition'}, 'The share of the samples with the label of a row that also have the label of a column, by root: ' +
            'in truth, in predictions, and the difference (blue: predicted together too often, orange: too seldom). Labels that ' +
            `occur together stand side by side.${size < names.length ? ` The ${size} most frequent classes.` : ''}`),
        choice('Show', Object.entries(MAP_MODES).map(([mode, [name]]) => [mode, name]), 'truth', (mode) => {
            state.mode = mode;
            paint();
        }), box, el('p', {}, line));
    redrawn(paint, node);
    return node;
}
