// Pages about the server itself: nodes, configuration, audit log, diagnostics.
import { h, ref, reactive, table, number, bytes, time, field, choice, button, sure, loaded, doing, paged, failure, panel } from './parts.js';
import { get, post, put, remove, escape } from './api.js';

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

/** What happened to messages, as a trace has it. */
export const steps = (rows, empty) => table([
  { title: 'Time', value: row => time(row.at) },
  { title: 'What', value: row => row.what + (row.deliveries > 1 ? ', time ' + row.deliveries : '') },
  { title: 'Topic', value: row => row.topic },
  { title: 'Position', render: row => row.position === undefined ? 'not stored' : h('a', { href: '#/messages/' + row.position }, String(row.position)) },
  { title: 'Client', value: row => row.protocol + ' ' + row.client },
  { title: 'Through', value: row => row.through || '' },
], rows, empty);

/** Traces of clients and topics: a part of a page. */
const Traces = {
  setup() {
    const wanted = reactive({ client: '', topic: '', duration: '5m' });
    const list = loaded(() => get('traces'), 5);
    const shown = ref(null);
    const one = loaded(() => shown.value === null ? null : get('traces/' + shown.value), 5);
    const show = row => { shown.value = row.number; return one.load(); };
    const act = doing(() => list.load());
    const start = act.run(async () => {
      const filled = Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== ''));
      await show(await post('traces', filled));
      return 'the trace runs';
    });
    const stop = row => sure('Stop and forget this trace?', act.run(async () => {
      await remove('traces/' + row.number);
      if (shown.value === row.number) { shown.value = null; one.data = null; }
      return 'stopped';
    }));
    return () => panel(h('h3', 'Traces of a client or topic'),
      h('form', { class: 'row', onSubmit: start }, [
        field('Client id or address', wanted, 'client'),
        field('Topic filter', wanted, 'topic'),
        field('For', wanted, 'duration'),
        h('button', { type: 'submit', class: 'main' }, 'Trace'),
      ]),
      failure(list.error), act.view(),
      list.data ? table([
        { title: 'Of', value: row => [row.client && 'client ' + row.client, row.topic && 'topic ' + row.topic].filter(Boolean).join(', ') },
        { title: 'Until', value: row => time(row.until) + (row.running ? '' : ' (ended)') },
        { title: 'Events', number: true, value: row => number(row.events) },
        { title: 'Missed', number: true, value: row => number(row.missed) },
        { title: '', render: row => h('div', { class: 'row' }, [button('Show', () => show(row)), button('Stop', stop(row), 'danger')]) },
      ], list.data.traces, 'none runs') : null,
      one.data ? [h('h3', 'What happened'), steps(one.data.events, 'nothing yet')] : null);
  },
};

export const Diagnostics = {
  setup() {
    const slow = loaded(() => get('slow-consumers'), 10);
    const busy = loaded(() => get('busiest-topics'), 10);
    return () => h('div', [
      h('h2', 'Diagnostics'),
      failure(slow.error || busy.error),
      h(Traces),
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
