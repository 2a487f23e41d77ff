// The picture of a label graph: labels on a circle, their edges as lines, what is pointed at or chosen in front.
const [SMALLEST, LARGEST] = [120, 860];  // pixels of the picture
const SMALLEST_FONT = 8;
const LARGEST_FONT = 13;
const NAME_LENGTH = 26;
const [NEAR, FAR] = [.85, .5];  // how far edges of neighbours, and less for those across, stay from the centre
const GLYPH = .56;  // mean width of a letter, as a share of the font's size

function graphPicture(canvas, graph, call) {
    const count = graph.names.length;
    const most = Math.max(...(graph.samples || [1]), 1);
    const angle = (index) => (index / count) * 2 * Math.PI - Math.PI / 2;
    const state = {edges: [], hover: null, chosen: null, radius: 100, centre: 200};

    function layout() {
        const width = Math.max(Math.min(canvas.parentElement.clientWidth, LARGEST), SMALLEST);
        const longest = Math.min(Math.max(...graph.names.map((name) => name.length)), NAME_LENGTH);
        // The font and the circle depend on each other: names take what the circle leaves.
        let font = LARGEST_FONT;
        for (; font >= SMALLEST_FONT; font -= .5) {
            state.radius = width / 2 - longest * font * GLYPH - 12;
            if (2 * Math.PI * state.radius / count >= font * .95 && state.radius > width / 5) break;
        }
        state.named = font >= SMALLEST_FONT;
        state.font = state.named ? font : LARGEST_FONT - 1;
        if (!state.named) state.radius = width / 2 - 16;
        state.centre = width / 2;
        return sized(canvas, width, width);
    }

    const place = (index, reach = 1) => [state.centre + Math.cos(angle(index)) * state.radius * reach,
        state.centre + Math.sin(angle(index)) * state.radius * reach];

    function line(context, [i, j, there, back], heaviest, strength) {
        const weight = Math.max(there, back) / heaviest;
        context.globalAlpha = strength * (.35 + .65 * weight);
        context.lineWidth = .6 + 3 * weight;
        context.beginPath();
        context.moveTo(...place(i));
        // Bent towards the centre, so that edges of neighbours stay near the circle.
        const [[x, y], [u, v]] = [place(i), place(j)];
        const bend = NEAR - FAR * Math.hypot(x - u, y - v) / (2 * state.radius);
        context.quadraticCurveTo(...[x + u, y + v].map((sum) => state.centre + (sum / 2 - state.centre) * bend), u, v);
        context.stroke();
    }

    function label(context, index, strong) {
        const turn = angle(index);
        const left = Math.cos(turn) < 0;
        context.save();
        context.translate(...place(index, 1 + 9 / state.radius));
        context.rotate(left ? turn + Math.PI : turn);
        context.textAlign = left ? 'right' : 'left';
        context.font = `${strong ? '600 ' : ''}${state.font}px system-ui, sans-serif`;
        context.fillText(short(graph.names[index], NAME_LENGTH), 0, 0);
        context.restore();
    }

    function paint() {
        const context = layout();
        const focus = state.hover ?? state.chosen;
        const heaviest = state.edges.reduce((top, edge) => Math.max(top, edge[2], edge[3]), 0) || 1;
        const [own, rest] = [[], []];
        state.edges.forEach((edge) => (edge[0] === focus || edge[1] === focus ? own : rest).push(edge));
        context.strokeStyle = colour('blue');
        const strength = Math.max(.2, Math.min(.6, 60 / (state.edges.length || 1)));
        rest.forEach((edge) => line(context, edge, heaviest, focus === null ? strength : .1));
        context.strokeStyle = colour('orange');
        own.forEach((edge) => line(context, edge, heaviest, 1));
        const near = new Set(own.flatMap((edge) => [edge[0], edge[1]]));
        if (focus !== null) near.add(focus);
        context.textBaseline = 'middle';
        const largest = Math.min(6, Math.PI * state.radius / count * .8);
        for (let index = 0; index < count; index += 1) {
            const strong = focus !== null && near.has(index);
            context.globalAlpha = focus === null || strong ? 1 : .35;
            context.fillStyle = colour(index === focus ? 'orange' : 'text');
            context.beginPath();
            context.arc(...place(index), (.3 + .7 * Math.sqrt((graph.samples ? graph.samples[index] : 0) / most)) * largest, 0, 2 * Math.PI);
            context.fill();
            if (state.named) label(context, index, strong);
        }
        context.globalAlpha = 1;
        if (!state.named && focus !== null) middle(context, focus);
    }

    /** Where names have no room beside the circle, the one in question stands in its middle. */
    function middle(context, focus) {
        context.font = `600 ${LARGEST_FONT}px system-ui, sans-serif`;
        context.textAlign = 'center';
        const name = short(graph.names[focus], NAME_LENGTH);
        const width = context.measureText(name).width + 12;
        context.fillStyle = colour('back');
        context.fillRect(state.centre - width / 2, state.centre - 12, width, 24);
        context.fillStyle = colour('text');
        context.fillText(name, state.centre, state.centre);
    }

    function at(event) {
        const bounds = canvas.getBoundingClientRect();
        const [x, y] = [event.clientX - bounds.left - state.centre, event.clientY - bounds.top - state.centre];
        if (Math.hypot(x, y) < state.radius * .8) return null;
        return ((Math.round((Math.atan2(y, x) + Math.PI / 2) / (2 * Math.PI) * count) % count) + count) % count;
    }

    canvas.addEventListener('pointermove', (event) => {
        const found = at(event);
        if (found !== state.hover) {
            state.hover = found;
            paint();
        }
        showTip(found === null ? null : call.text(found), event);
    });
    canvas.addEventListener('pointerleave', () => {
        state.hover = null;
        showTip(null);
        paint();
    });
    canvas.addEventListener('click', (event) => call.choose(at(event)));
    return {
        paint,
        show(edges, chosen) {
            Object.assign(state, {edges, chosen});
            paint();
        },
    };
}
