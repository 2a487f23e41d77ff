// Tables that are sorted by a click on a heading, and searched.

/**
 * Columns are {label, value(row), show(value, row), help, text}: `value` is what is sorted by, and null comes last whatever
 * the direction; `show` is what stands in the cell, a text or a node; `text` columns are searched.
 * Options: caption, columns, rows, sort {column, up}, limit (rows shown until all are asked for), search, rowClass(row),
 * plain (neither sorted nor searched, and as high as it is).
 */
function table(options) {
    const {caption, columns, rows, plain, limit = 100, search = !plain} = options;
    const state = {...(options.sort || {column: plain ? null : 0, up: true}), query: '', all: plain};
    const kind = (column) => (column.text ? `text${column.wide ? ' wide' : ''}` : null);
    const body = el('tbody');
    const status = el('output', {'aria-live': 'polite'});
    const more = el('button', {type: 'button', hidden: true, on: {click: () => { state.all = true; draw(); }}});
    const heads = columns.map((column, index) => el('th', {scope: 'col', class: kind(column), title: column.help},
        plain ? column.label : el('button', {type: 'button', on: {click: () => sortBy(index)}}, column.label)));

    function sortBy(index) {
        state.up = state.column === index ? !state.up : Boolean(columns[index].text || columns[index].upFirst);
        state.column = index;
        draw();
    }

    function ordered() {
        if (state.column === null) return found();  // as they were given
        const {value} = columns[state.column];
        const keys = new Map(rows.map((row) => [row, value(row)]));
        const compare = (a, b) => (typeof a === 'string' ? a.localeCompare(b, undefined, {numeric: true}) : a - b);
        return found().sort((first, second) => {
            const [a, b] = [keys.get(first), keys.get(second)];
            if (a === null || b === null) return (a === null) - (b === null);
            return (state.up ? 1 : -1) * compare(a, b);
        });
    }

    function found() {
        const words = state.query.toLowerCase().split(/\s+/).filter(Boolean);
        const searched = columns.filter((column) => column.text);
        return rows.filter((row) => {
            const text = words.length ? searched.map((column) => String(column.value(row))).join('\n').toLowerCase() : '';
            return words.every((word) => text.includes(word));
        });
    }

    function draw() {
        heads.forEach((head, index) => {
            if (index === state.column) head.setAttribute('aria-sort', state.up ? 'ascending' : 'descending');
            else head.removeAttribute('aria-sort');
        });
        const list = ordered();
        const shown = state.all ? list : list.slice(0, limit);
        body.replaceChildren(...shown.map((row) => el('tr', {class: options.rowClass && options.rowClass(row)},
            ...columns.map((column) => cell(column, row)))));
        status.textContent = list.length === rows.length ? `${whole(rows.length)} rows` :
            `${whole(list.length)} of ${whole(rows.length)} rows`;
        more.hidden = shown.length === list.length;
        more.textContent = `Show all ${whole(list.length)}`;
    }

    function cell(column, row) {
        const value = column.value(row);
        return el('td', {class: kind(column)}, column.show ? column.show(value, row) :
            column.text ? value : fixed(value));
    }

    const field = search && el('input', {type: 'search', placeholder: 'words of the name', on: {input: (event) => {
        state.query = event.target.value;
        draw();
    }}});
    draw();
    return {
        node: el('div', {class: 'table'},
            plain ? null : el('div', {class: 'bar'}, search ? labelled(`Search ${caption}`, field) : null, status),
            el('div', {class: plain ? 'scroll' : 'scroll tall', tabindex: 0, role: 'region', 'aria-label': caption},
                el('table', {'aria-label': caption}, el('thead', {}, el('tr', {}, ...heads)), body)),
            more),
        draw,
    };
}
