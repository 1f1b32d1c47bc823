// Pages about the server itself: nodes, configuration, audit log, diagnostics.
import { h, reactive, table, number, bytes, time, field, choice, button, sure, loaded, doing, paged, failure, panel } from './parts.js';
import { get, put, remove, escape } from './api.js';

export const Nodes = {
  setup() {
    const nodes = loaded(() => get('nodes'), 10);
    const listeners = loaded(() => get('listeners'));
    return () => h('div', [
      h('h2', 'Nodes'),
      failure(nodes.error || listeners.error),
      nodes.data ? nodes.data.nodes.map(node => panel(
        h('h3', node.cluster + ' / ' + node.name),
        h('dl', [
          ['Role', node.role === 'single' ? 'alone: it replicates to nobody' : node.role], ['Version', node.version], ['Up', node.up],
          ['Clients are told', node.advertised],
          ['Log', bytes(node.logEnd - node.logStart) + ' kept, ' + bytes(node.logEnd) + ' written'],
        ].flatMap(([name, value]) => [h('dt', name), h('dd', value)]).concat([
          h('dt', 'That address'),
          h('dd', { class: node.reachable ? 'good' : 'bad' }, node.reachable ? 'is reached from here' : 'is not reached from here'),
        ])),
        node.advice ? h('p', { class: 'warn' }, node.advice) : null)) : null,
      listeners.data ? panel(h('h3', 'Listeners'), table([
        { title: 'Name', value: row => row.name },
        { title: 'Address', value: row => row.host + ':' + row.port },
        { title: 'For', value: row => row.speaks },
      ], listeners.data.listeners)) : null,
    ]);
  },
};

export const Config = {
  setup() {
    const query = reactive({ name: '', live: false });
    const config = loaded(() => get('config'));
    const act = doing(() => config.load());
    const edit = reactive({ key: null, value: '', was: '' });
    const begin = row => { edit.key = row.key; edit.value = row.value; edit.was = row.value; };
    const change = act.run(async () => {
      await put('config/' + escape(edit.key), { value: edit.value, expected: edit.was });
      const key = edit.key;
      edit.key = null;
      return key + ' is changed';
    });
    return () => {
      const rows = config.data ? config.data.config.filter(row => row.key.includes(query.name) && (row.live || !query.live)) : [];
      return h('div', [
        h('h2', 'Configuration'),
        h('div', { class: 'row' }, [
          field('Key contains', query, 'name', { type: 'search' }),
          field('Only what changes at run time', query, 'live', { type: 'checkbox' }),
        ]),
        failure(config.error), act.view(),
        edit.key ? panel(h('form', { class: 'row', onSubmit: change }, [
          field(edit.key, edit, 'value', { required: true, id: 'value' }),
          h('button', { type: 'submit', class: 'main' }, 'Change'),
          button('Leave it', () => { edit.key = null; }),
        ])) : null,
        panel(table([
          { title: 'Key', render: row => h('code', row.key) },
          { title: 'Value', value: row => row.value },
          { title: 'From', value: row => row.source },
          { title: 'Default', value: row => row.standard },
          { title: 'Meaning', value: row => row.meaning },
          { title: 'Changes', render: row => row.live ? h('div', { class: 'row' }, [
            button('Change', () => begin(row), '', { 'aria-label': 'Change ' + row.key }),
            row.source === 'changed at run time' ? button('Reset', sure('Go back to what the configuration says?', act.run(() =>
              remove('config/' + escape(row.key)).then(() => row.key + ' is what the configuration says'))), 'danger') : null,
          ]) : 'at the next start' },
        ], rows, 'no such key')),
      ]);
    };
  },
};

export const AuditLog = {
  setup() {
    const query = reactive({ user: '', event: '', text: '' });
    const list = paged('lines', 'audit', query);
    return () => h('div', [
      h('h2', 'Audit log'),
      h('form', { class: 'row', onSubmit: e => { e.preventDefault(); list.load(false); } }, [
        field('User', query, 'user', { type: 'search' }),
        choice('Event', query, 'event', ['', 'login', 'login_failed', 'denied', 'admin']),
        field('Contains', query, 'text', { type: 'search' }),
        h('button', { type: 'submit', class: 'main' }, 'Show'),
      ]),
      failure(list.error),
      panel(table([
        { title: 'Time', value: row => time(row.time) },
        { title: 'Event', render: row => h('span', { class: row.event === 'denied' || row.event === 'login_failed' ? 'bad' : '' }, row.event) },
        { title: 'User', value: row => row.user },
        { title: 'By', value: row => row.protocol + ' ' + row.address },
        { title: 'What', value: row => row.what },
        { title: 'More', value: row => Object.entries(row.details).map(([name, value]) => name + '=' + value).join(', ') },
      ], list.rows, 'no line'), list.more()),
    ]);
  },
};

export const Diagnostics = {
  setup() {
    const slow = loaded(() => get('slow-consumers'), 10);
    const busy = loaded(() => get('busiest-topics'), 10);
    return () => h('div', [
      h('h2', 'Diagnostics'),
      failure(slow.error || busy.error),
      slow.data ? panel(h('h3', 'Who is behind'), table([
        { title: 'Name', value: row => row.name },
        { title: 'Kind', value: row => row.kind },
        { title: 'Waiting', number: true, value: row => number(row.waiting) },
        { title: 'Oldest stored', value: row => time(row.oldest) || 'unknown' },
        { title: 'Consumers', value: row => row.active === undefined ? 'unknown' : row.active ? 'yes' : 'none' },
      ], slow.data.consumers, 'nobody is behind')) : null,
      busy.data ? panel(h('h3', 'Busiest topics of the last minute'), table([
        { title: 'Topic', value: row => row.topic },
        { title: 'Stored a second', number: true, value: row => number(row.perSecond) },
        { title: 'Bytes a second', number: true, value: row => bytes(row.bytesPerSecond) },
        { title: 'Since the start', number: true, value: row => number(row.storedSinceStart) },
      ], busy.data.topics, 'nothing was published yet', row => '#/topics/' + escape(row.topic))) : null,
    ]);
  },
};
