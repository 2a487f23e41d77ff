// The data of the report, and how parts of the page are made. Text of the data becomes text nodes, never HTML.
const data = JSON.parse(document.getElementById('report-data').textContent);
const names = data.names;
const NONE = '–';

function fill(node, attributes, children) {
    for (const [name, value] of Object.entries(attributes)) {
        if (value === null || value === undefined || value === false) continue;
        if (name === 'on') Object.entries(value).forEach(([event, call]) => node.addEventListener(event, call));
        else node.setAttribute(name, value === true ? '' : value);
    }
    node.append(...children.filter((child) => child !== null && child !== undefined));
    return node;
}

const el = (tag, attributes = {}, ...children) => fill(document.createElement(tag), attributes, children);
const svg = (tag, attributes = {}, ...children) =>
    fill(document.createElementNS('http://www.w3.org/2000/svg', tag), attributes, children);
const section = (id) => document.getElementById(id);

const fixed = (value, digits = 3) => (value === null ? NONE : value.toFixed(digits));
const signed = (value, digits = 3) => (value === null ? NONE : (value > 0 ? '+' : '') + value.toFixed(digits));
const whole = (value) => (value === null ? NONE : value.toLocaleString('en'));
const between = (low, high, show = fixed) => (low === null ? NONE : `${show(low)} to ${show(high)}`);
const short = (text, length) => (text.length > length ? `${text.slice(0, length - 1)}…` : text);

let controls = 0;

/** One of several, as radio buttons: options are [value, text]. */
function choice(legend, options, chosen, call) {
    const group = `choice-${controls += 1}`;
    return el('fieldset', {}, el('legend', {}, legend), ...options.map(([value, text]) => el('label', {},
        el('input', {type: 'radio', name: group, value, checked: value === chosen, on: {change: () => call(value)}}), text)));
}

const labelled = (text, control) => el('label', {}, text, control);

const tip = document.getElementById('tip');

/** Show a text beside the pointer, or hide it. */
function showTip(text, event) {
    tip.hidden = !text;
    if (!text) return;
    tip.textContent = text;
    const box = tip.getBoundingClientRect();
    const left = event.clientX + 14 + box.width > window.innerWidth ? event.clientX - 14 - box.width : event.clientX + 14;
    tip.style.left = `${Math.max(left, 4)}px`;
    tip.style.top = `${Math.max(Math.min(event.clientY + 14, window.innerHeight - box.height - 4), 4)}px`;
}

const withTip = (node, text) => {
    node.addEventListener('pointermove', (event) => showTip(text, event));
    node.addEventListener('pointerleave', () => showTip(null));
    return node;
};

/** A colour of the style sheet, for canvases. */
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

/** Draw when there is room for it, and again when that room or the colours change. */
function redrawn(draw, room) {
    window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
    let width = 0;
    new ResizeObserver(() => {
        if (room.clientWidth && room.clientWidth !== width) {
            width = room.clientWidth;
            draw();
        }
    }).observe(room);
}

/** A canvas of this size in CSS pixels, sharp on any screen; returns its context. */
function sized(canvas, width, height) {
    const ratio = window.devicePixelRatio || 1;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
    const context = canvas.getContext('2d');
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    return context;
}
