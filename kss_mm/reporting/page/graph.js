// The label graph to explore: which matrix, how weak an edge may be, which label.
const EDGES_A_LABEL = 2;
const NOTCHES = 500;

function graphPart() {
    const {graph} = data;
    const matrices = Object.fromEntries(graph.matrices.map((matrix) => [matrix.key, matrix]));
    const state = {key: 'A_KS', chosen: null, least: 0};
    const canvas = el('canvas', {role: 'img', 'aria-label': 'Labels on a circle and the edges between them; search for a label to read ' +
        'its neighbours as a table'});
    const [side, output] = [el('div', {id: 'neighbours', 'aria-live': 'polite'}), el('output', {id: 'edge-count'})];
    const slider = el('input', {type: 'range', min: 0, max: NOTCHES, step: 1, on: {input: () => {
        state.least = slider.value / NOTCHES * heaviest();
        draw();
    }}});
    const search = el('input', {type: 'search', list: 'graph-labels', placeholder: 'a label', on: {input: () => {
        const wanted = search.value.trim().toLowerCase();
        const exact = graph.names.findIndex((name) => name.toLowerCase() === wanted);
        const part = graph.names.findIndex((name) => wanted && name.toLowerCase().includes(wanted));
        choose(exact >= 0 ? exact : part >= 0 ? part : null);
    }}});
    const picture = graphPicture(canvas, graph, {text, choose});
    const heaviest = () => (matrices[state.key].edges.length ? weight(matrices[state.key].edges[0]) : 1);
    const weight = (edge) => Math.max(edge[2], edge[3]);

    function text(index) {
        const own = graph.class[index];
        return [graph.names[index], graph.samples ? `${whole(graph.samples[index])} samples in the graph` : null,
            own === null ? 'not a class of the scores' : `AP ${fixed(data.classes.ap[own])}`].filter(Boolean).join('\n');
    }

    function choose(index) {
        state.chosen = index;
        draw();
    }

    function pick(key) {
        state.key = key;
        const {edges} = matrices[key];
        const last = edges[Math.min(edges.length, EDGES_A_LABEL * graph.names.length) - 1];
        state.least = last ? Math.floor(weight(last) / heaviest() * NOTCHES) / NOTCHES * heaviest() : 0;
        slider.value = Math.round(state.least / heaviest() * NOTCHES);
        draw();
    }

    function draw() {
        const {edges, of} = matrices[state.key];
        const shown = edges.filter((edge) => weight(edge) >= state.least);
        output.textContent = `weight from ${fixed(state.least)} on: ${whole(shown.length)} of ${whole(of)} edges` +
            `${edges.length < of ? `, the page holds the ${whole(edges.length)} strongest` : ''}`;
        slider.setAttribute('aria-valuetext', output.textContent);
        picture.show(shown, state.chosen);
        side.replaceChildren(...(state.chosen === null ?
            [el('p', {class: 'soft'}, 'Point at a label, click it or search for it to see its neighbours.')] : neighbours(edges)));
    }

    function neighbours(edges) {
        const {chosen} = state;
        const rows = edges.filter((edge) => edge[0] === chosen || edge[1] === chosen).map(([i, j, there, back]) =>
            (i === chosen ? [j, there, back] : [i, back, there]));
        return [el('h3', {}, graph.names[chosen]), el('p', {class: 'soft'}, text(chosen).split('\n').slice(1).join(', ')),
            rows.length ? table({
                caption: `neighbours of ${short(graph.names[chosen], 40)}`, rows, sort: {column: 1, up: false}, search: false, limit: 25,
                columns: [
                    {label: 'Neighbour', text: true, value: (row) => graph.names[row[0]], show: (name, row) => el('button',
                        {type: 'button', class: 'link', on: {click: () => choose(row[0])}}, name)},
                    {label: 'To it', value: (row) => row[1]}, {label: 'From it', value: (row) => row[2]},
                ],
            }).node : el('p', {class: 'soft'}, 'It has no edges.')];
    }

    section('graph').append(
        el('p', {class: 'definition'}, graphWords(graph)),
        el('div', {class: 'bar'},
            choice('Matrix', graph.matrices.map(({key, name}) => [key, name]), state.key, pick),
            labelled('Weakest edge shown', slider), labelled('Find a label', search), output,
            el('datalist', {id: 'graph-labels'}, ...graph.names.map((name) => el('option', {value: name})))),
        el('div', {class: 'graph'}, el('div', {}, canvas), side));
    pick(state.key);
    redrawn(picture.paint, canvas.parentElement);
}

function graphWords(graph) {
    const words = ['Labels that belong together stand side by side; a dot is larger where the training data have more samples of a ' +
        'label. Matrices are normalised, without their diagonals.'];
    words.push(graph.mixed ? `A_KS mixes them with lam ${graph.lam}, tau ${graph.tau}, eta ${graph.eta}.` :
        'The graph holds A_KS ready-made.');
    if (graph.names.length < graph.all) words.push(`The ${graph.names.length} most frequent of ${whole(graph.all)} labels.`);
    if (graph.missing) words.push(`${whole(graph.missing)} of its labels are not among the classes of the scores.`);
    return words.join(' ');
}
