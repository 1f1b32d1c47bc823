import { h, reactive, table, number, time, field, choice, button, sure, loaded, doing, paged, failure, panel } from './parts.js';
import { get, post, put, remove, escape } from './api.js';

export const Topics = {
  setup() {
    const query = reactive({ name: '', kind: '', system: false });
    const list = paged('topics', 'topics', query);
    const form = reactive({ name: '', kind: 'topic', queues: '4', retention: '' });
    const make = doing(() => list.load(false));
    const create = make.run(async () => {
      const wanted = { name: form.name, kind: form.kind };
      if (form.kind === 'topic' && form.queues) { wanted.queues = Number(form.queues); }
      if (form.retention) { wanted.retention = form.retention; }
      await post('topics', wanted);
      return 'made ' + form.name;
    });
    return () => h('div', [
      h('h2', 'Topics and queues'),
      h('form', { class: 'row', onSubmit: e => { e.preventDefault(); list.load(false); } }, [
        field('Name contains', query, 'name', { type: 'search' }),
        choice('Kind', query, 'kind', ['', 'topic', 'queue']),
        field("The broker's own too", query, 'system', { type: 'checkbox' }),
        h('button', { type: 'submit', class: 'main' }, 'Show'),
      ]),
      failure(list.error),
      panel(table([
        { title: 'Name', value: row => row.name },
        { title: 'Kind', value: row => row.kind },
        { title: 'Queues', number: true, value: row => number(row.queues) },
        { title: 'Stored', number: true, value: row => number(row.stored) },
        { title: 'Waiting', number: true, value: row => row.kind === 'queue' ? number(row.waiting) : '' },
        { title: 'Stored a second', number: true, value: row => number(row.storedPerSecond) },
        { title: 'Kept for', value: row => row.retention },
        { title: 'Made by', value: row => row.origin },
      ], list.rows, 'no topic of this kind', row => '#/topics/' + escape(row.name)), list.more()),
      panel(h('h3', 'Make one'), make.view(), h('form', { class: 'row', onSubmit: create }, [
        field('Name', form, 'name', { required: true }),
        choice('Kind', form, 'kind', ['topic', 'queue']),
        form.kind === 'topic' ? field('Queues', form, 'queues', { type: 'number', min: 1, max: 1024 }) : null,
        field('Kept for, such as 72h', form, 'retention'),
        h('button', { type: 'submit', class: 'main' }, 'Make'),
      ])),
    ]);
  },
};

export const Topic = {
  props: ['id'],
  setup(props) {
    const path = 'topics/' + escape(props.id);
    const topic = loaded(() => get(path), 5);
    const change = reactive({ queues: '', retention: '' });
    const act = doing(() => topic.load());
    const at = reactive({ queue: '0', offset: '', rows: [], next: null, error: null });
    const browse = async more => {
      try {
        const offset = more ? at.next : at.offset;
        const page = await get(path + '/messages?limit=20&queue=' + escape(at.queue) + (offset === '' || offset === null ? '' : '&offset=' + offset));
        at.rows = page.messages;
        at.next = page.next < page.end ? page.next : null;
        at.error = null;
      } catch (e) {
        at.error = e;
      }
    };
    return () => {
      const data = topic.data;
      return h('div', [
        h('p', h('a', { href: '#/topics' }, 'All topics and queues')),
        h('h2', props.id),
        failure(topic.error), act.view(),
        data ? [
          panel(h('dl', [
            ['Kind', data.kind], ['MQTT name', data.mqttName], ['JMS name', data.jmsName], ['RocketMQ topic', data.nativeName],
            ['Kept for', data.retention], ['Made by', data.origin], ['Stored', number(data.stored)],
            ...(data.kind === 'queue' ? [['Waiting', number(data.waiting)]] : []),
            ['May be', [data.readable ? 'read' : '', data.writable ? 'written' : ''].filter(Boolean).join(' and ') || 'neither read nor written'],
          ].flatMap(([name, value]) => [h('dt', name), h('dd', value)]))),
          panel(h('h3', 'Queues'), table([
            { title: 'Queue', value: row => String(row.queue) },
            { title: 'Oldest', number: true, value: row => number(row.start) },
            { title: 'End', number: true, value: row => number(row.end) },
            { title: 'Stored', number: true, value: row => number(row.stored) },
            { title: 'Last stored', value: row => time(row.lastStored) },
          ], data.perQueue)),
          panel(h('h3', 'Messages'), failure(at.error), h('form', { class: 'row', onSubmit: e => { e.preventDefault(); browse(false); } }, [
            field('Queue', at, 'queue', { type: 'number', min: 0 }),
            field('From offset (empty: the newest)', at, 'offset', { type: 'number', min: 0 }),
            h('button', { type: 'submit', class: 'main' }, 'Browse'),
            at.next !== null ? button('Next', () => browse(true)) : null,
          ]), at.rows.length ? table([
            { title: 'Offset', value: row => String(row.offset) },
            { title: 'Stored', value: row => time(row.storedAt) },
            { title: 'Topic', value: row => row.topic },
            { title: 'By', value: row => row.origin },
            { title: 'Keys', value: row => row.keys || '' },
            { title: 'Size', number: true, value: row => number(row.size) },
            { title: 'Begins with', value: row => row.preview },
          ], at.rows, '', row => '#/messages/' + row.position) : null),
          panel(h('h3', 'Change'), h('div', { class: 'row' }, [
            field('Queues', change, 'queues', { type: 'number', min: data.queues, max: 1024 }),
            field('Kept for', change, 'retention'),
            button('Change', act.run(() => put(path, {
              ...(change.queues ? { queues: Number(change.queues) } : {}),
              ...(change.retention ? { retention: change.retention } : {}),
              version: data.version,
            }).then(() => 'changed')), 'main'),
            button(data.writable ? 'Forbid writing' : 'Allow writing', act.run(() => put(path, { writable: !data.writable, version: data.version }).then(() => 'changed'))),
            data.kind === 'queue' ? button('Purge', sure('Take all ' + number(data.waiting) + ' messages that wait in ' + props.id + '?', act.run(async () =>
              number((await post(path + '/purge')).taken) + ' taken')), 'danger') : null,
            button('Delete with all its messages', sure('Delete ' + props.id + ' with all its messages?', act.run(async () => {
              await remove(path);
              location.hash = '#/topics';
            })), 'danger'),
          ])),
        ] : null,
      ]);
    };
  },
};
