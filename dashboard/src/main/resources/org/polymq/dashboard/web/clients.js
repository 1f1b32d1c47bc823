import { h, reactive, table, number, time, field, choice, button, sure, loaded, doing, paged, failure, panel } from './parts.js';
import { get, remove, escape } from './api.js';

export const Clients = {
  setup() {
    const query = reactive({ text: '', protocol: '' });
    const list = paged('clients', 'clients', query);
    return () => h('div', [
      h('h2', 'Clients'),
      h('form', { class: 'row', onSubmit: e => { e.preventDefault(); list.load(false); } }, [
        field('Client id, user or address contains', query, 'text', { type: 'search' }),
        choice('Protocol', query, 'protocol', ['', 'mqtt', 'jms', 'rocketmq']),
        h('button', { type: 'submit', class: 'main' }, 'Show'),
      ]),
      failure(list.error),
      panel(table([
        { title: 'Connection', value: row => row.id },
        { title: 'Protocol', value: row => row.protocol },
        { title: 'Client id', value: row => row.clientId },
        { title: 'User', value: row => row.user },
        { title: 'Address', value: row => row.address },
        { title: 'Since', value: row => time(row.connectedAt) },
      ], list.rows, 'nobody is connected', row => '#/clients/' + row.id), list.more()),
    ]);
  },
};

const details = pairs => h('dl', pairs.flatMap(([name, value]) => [h('dt', name), h('dd', value)]));

export const Client = {
  props: ['id'],
  setup(props) {
    const client = loaded(() => get('clients/' + escape(props.id)));
    const act = doing();
    return () => h('div', [
      h('p', h('a', { href: '#/clients' }, 'All clients')),
      h('h2', 'Connection ' + props.id),
      failure(client.error), act.view(),
      client.data ? panel(details([
        ['Protocol', client.data.protocol], ['Client id', client.data.clientId], ['User', client.data.user],
        ['Address', client.data.address], ['Since', time(client.data.connectedAt)], ...Object.entries(client.data.details),
      ]), h('p', button('Disconnect', sure('End this connection?', act.run(() =>
        remove('clients/' + escape(props.id)).then(() => 'disconnected'))), 'danger'))) : null,
    ]);
  },
};

export const Sessions = {
  setup() {
    const query = reactive({ name: '' });
    const list = paged('sessions', 'sessions', query);
    return () => h('div', [
      h('h2', 'MQTT sessions'),
      h('form', { class: 'row', onSubmit: e => { e.preventDefault(); list.load(false); } }, [
        field('Client id contains', query, 'name', { type: 'search' }),
        h('button', { type: 'submit', class: 'main' }, 'Show'),
      ]),
      failure(list.error),
      panel(table([
        { title: 'Client id', value: row => row.clientId },
        { title: 'Connected', value: row => row.connected ? 'yes' : 'no' },
        { title: 'Left', value: row => time(row.leftAt) },
        { title: 'Ends', value: row => time(row.expiresAt) },
        { title: 'Filters', number: true, value: row => number(row.filters) },
        { title: 'Waiting', number: true, value: row => number(row.waiting) },
      ], list.rows, 'no persistent session', row => '#/sessions/' + escape(row.clientId)), list.more()),
    ]);
  },
};

export const Session = {
  props: ['id'],
  setup(props) {
    const session = loaded(() => get('sessions/' + escape(props.id)), 5);
    const act = doing();
    return () => h('div', [
      h('p', h('a', { href: '#/sessions' }, 'All sessions')),
      h('h2', props.id),
      failure(session.error), act.view(),
      session.data ? panel(details([
        ['Connected', session.data.session.connected ? 'yes' : 'no'], ['Owner', session.data.session.owner || 'nobody'],
        ['Left', time(session.data.session.leftAt) || 'not'], ['Ends', time(session.data.session.expiresAt) || 'not by itself'],
        ['Waiting', number(session.data.session.waiting)], ['QoS 2 to release', number(session.data.unreleased)],
        ['QoS 2 not answered', number(session.data.unanswered)], ['Filters', session.data.filters.join(', ')],
      ]), h('p', button('Delete with what waits for it', sure('Delete the session of ' + props.id + '?', act.run(async () => {
        await remove('sessions/' + escape(props.id));
        location.hash = '#/sessions';
      })), 'danger'))) : null,
    ]);
  },
};
