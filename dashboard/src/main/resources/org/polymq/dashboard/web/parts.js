// The pieces that pages are made of.
import { h, ref, reactive, onMounted, onUnmounted } from './lib/vue.js';

export const number = value => value === null || value === undefined ? 'unknown' : Number(value).toLocaleString('en');

export function bytes(value) {
  if (value === null || value === undefined) { return 'unknown'; }
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  let unit = 0;
  let left = Number(value);
  while (left >= 1024 && unit < units.length - 1) { left /= 1024; unit++; }
  return (unit === 0 ? left : left.toFixed(1)) + ' ' + units[unit];
}

export const time = text => text ? text.replace('T', ' ').replace(/\.\d+Z$/, 'Z') : '';

export const card = (label, value, style) => h('div', { class: 'card' }, [h('b', { class: style }, value), h('span', label)]);

export const panel = (...content) => h('section', { class: 'panel' }, content.flat());

export const failure = error => error ? h('p', { class: 'panel alert bad', role: 'alert' }, error.message || String(error)) : null;

/**
 * A table. A column: { title, value(row), number, render(row) }. With `open`, a row's first cell is a link.
 */
export function table(columns, rows, empty, open) {
  if (!rows.length) { return h('p', { class: 'dim' }, empty || 'nothing here'); }
  return h('div', { class: 'scroll' }, h('table', [
    h('thead', h('tr', columns.map(column => h('th', { scope: 'col', class: column.number ? 'number' : '' }, column.title)))),
    h('tbody', rows.map(row => h('tr', { class: open ? 'open' : '' }, columns.map((column, i) => {
      const shown = column.render ? column.render(row) : column.value(row);
      return h('td', { class: column.number ? 'number' : '' },
        open && i === 0 ? h('a', { href: open(row) }, shown === '' ? '(empty)' : shown) : shown);
    })))),
  ]));
}

export const field = (label, model, key, attributes = {}) => h('label', { class: attributes.type === 'checkbox' ? 'check' : '' }, [
  attributes.type === 'checkbox' ? null : label,
  h(attributes.rows ? 'textarea' : 'input', {
    ...attributes,
    value: attributes.type === 'checkbox' ? undefined : model[key],
    checked: attributes.type === 'checkbox' ? model[key] : undefined,
    onInput: event => { model[key] = attributes.type === 'checkbox' ? event.target.checked : event.target.value; },
  }),
  attributes.type === 'checkbox' ? label : null,
]);

export const choice = (label, model, key, values) => h('label', [label, h('select', {
  value: model[key],
  onChange: event => { model[key] = event.target.value; },
}, values.map(value => h('option', { value, selected: model[key] === value }, value === '' ? 'all' : value)))]);

export const button = (label, action, style, attributes = {}) =>
  h('button', { type: 'button', class: style, onClick: action, ...attributes }, label);

/** Asks before something that cannot be taken back. */
export const sure = (question, action) => async () => { if (window.confirm(question)) { await action(); } };

/** What a page loads: { data, error, loading, load() }. With a number of seconds it loads again by itself. */
export function loaded(load, seconds) {
  const state = reactive({ data: null, error: null, loading: false });
  let timer = null;
  state.load = async () => {
    state.loading = true;
    try {
      state.data = await load();
      state.error = null;
    } catch (e) {
      state.error = e;
    } finally {
      state.loading = false;
    }
  };
  onMounted(() => {
    state.load();
    if (seconds) { timer = setInterval(() => { if (!document.hidden) { state.load(); } }, seconds * 1000); }
  });
  onUnmounted(() => clearInterval(timer));
  return state;
}

/** Does something for a button or form and keeps what went wrong or what came of it. */
export function doing(after) {
  const state = reactive({ error: null, done: '' });
  state.run = action => async event => {
    if (event && event.preventDefault) { event.preventDefault(); }
    state.error = null;
    state.done = '';
    try {
      state.done = (await action()) || 'done';
      if (after) { await after(); }
    } catch (e) {
      state.error = e;
    }
  };
  state.view = () => [failure(state.error), state.done ? h('p', { class: 'good', role: 'status' }, state.done) : null];
  return state;
}

/** A list in pages: filters in `query`, rows under `name`. */
export function paged(name, path, query) {
  const list = reactive({ rows: [], next: null, error: null });
  list.load = async more => {
    try {
      const parameters = new URLSearchParams();
      for (const [key, value] of Object.entries(query)) { if (value !== '' && value !== false) { parameters.set(key, value); } }
      if (more && list.next) { parameters.set('after', list.next); }
      const { get } = await import('./api.js');
      const answer = await get(path + (parameters.size ? '?' + parameters : ''));
      list.rows = more ? list.rows.concat(answer[name]) : answer[name];
      list.next = answer.next || null;
      list.error = null;
    } catch (e) {
      list.error = e;
    }
  };
  list.more = () => list.next ? button('More', () => list.load(true)) : null;
  onMounted(() => list.load(false));
  return list;
}

export { h, ref, reactive, onMounted, onUnmounted };
