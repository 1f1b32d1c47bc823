import { h, reactive, table, number, time, field, choice, button, sure, loaded, doing, paged, failure, panel } from './parts.js';
import { get, post, remove, escape } from './api.js';
import { steps } from './server.js';

const COLUMNS = [
  { title: 'Position', value: row => String(row.position) },
  { title: 'Stored', value: row => time(row.storedAt) },
  { title: 'Topic', value: row => row.topic },
  { title: 'By', value: row => row.origin },
  { title: 'Id', value: row => row.id || '' },
  { title: 'Keys', value: row => row.keys || '' },
  { title: 'Begins with', value: row => row.preview },
];

export const Messages = {
  setup() {
    const find = reactive({ topic: '', key: '', rows: null, error: null });
    const search = async event => {
      event.preventDefault();
      try {
        find.rows = (await get('messages?topic=' + escape(find.topic) + '&key=' + escape(find.key))).messages;
        find.error = null;
      } catch (e) {
        find.error = e;
      }
    };
    const form = reactive({ kind: 'topic', name: '', body: '', keys: '', retain: false, delay: '' });
    const act = doing();
    const send = act.run(async () => {
      const sent = await post('messages', {
        [form.kind]: form.name, body: form.body, retain: form.retain,
        ...(form.keys ? { keys: form.keys } : {}), ...(form.delay ? { delay: form.delay } : {}),
      });
      return 'stored at position ' + sent.position;
    });
    return () => h('div', [
      h('h2', 'Messages'),
      panel(h('h3', 'Find'), failure(find.error), h('form', { class: 'row', onSubmit: search }, [
        field('Topic (first level) or queue', find, 'topic', { required: true }),
        field('Id or key', find, 'key', { required: true }),
        h('button', { type: 'submit', class: 'main' }, 'Find'),
      ]), find.rows ? table(COLUMNS, find.rows, 'none has this id or key', row => '#/messages/' + row.position) : null),
      panel(h('h3', 'Send'), act.view(), h('form', { onSubmit: send }, [
        h('div', { class: 'row' }, [
          choice('To a', form, 'kind', ['topic', 'queue']),
          field(form.kind === 'topic' ? 'MQTT name' : 'Queue', form, 'name', { required: true }),
          field('Keys', form, 'keys'),
          field('Delay, such as 30s', form, 'delay'),
          field('Retain', form, 'retain', { type: 'checkbox' }),
        ]),
        h('div', { class: 'row' }, [field('Body', form, 'body', { rows: 4 }), h('button', { type: 'submit', class: 'main' }, 'Send')]),
      ])),
      h('p', { class: 'dim' }, 'To browse a queue, open its topic.'),
    ]);
  },
};

const details = object => h('dl', Object.entries(object).filter(([, value]) => value !== null && typeof value !== 'object')
  .flatMap(([name, value]) => [h('dt', name), h('dd', String(value))]));

const properties = object => Object.keys(object).length
  ? [h('h3', 'Properties'), details(object)] : null;

const state = text => h('span', { class: text === 'acknowledged' || text === 'consumed' ? 'good' : text === 'waiting' ? 'warn' : '' }, text);

/** What became of a message: a panel. */
const trace = data => panel(h('h3', 'Trace'), h('dl', [
  ['State', data.state === 'gone' ? 'not in its queue any more, or delivered later from another place' : data.state],
  ['Stored', time(data.storedAt) + ' by ' + data.origin + (data.producer ? ', client ' + data.producer : '') + (data.bornHost ? ', from ' + data.bornHost : '')],
  ...(data.dueAt ? [['Due', time(data.dueAt)]] : []),
  ...(data.expiresAt ? [['Expires', time(data.expiresAt)]] : []),
  ['Retained', data.retained ? 'yes' : 'no'],
].flatMap(([name, value]) => [h('dt', name), h('dd', value)])),
h('h3', 'Subscriptions'), table([
  { title: 'Subscription', value: row => row.subscription },
  { title: 'State', render: row => state(row.state) },
  { title: 'Came back', number: true, value: row => number(row.returned) },
], data.subscriptions, 'no durable subscription had it to consume'),
h('h3', 'RocketMQ groups'), table([
  { title: 'Group', value: row => row.group },
  { title: 'State', render: row => state(row.state) },
  { title: 'Next to consume', number: true, value: row => number(row.committed) },
], data.groups, 'no group has committed an offset in its queue'),
h('h3', 'Retries and dead letters'), table([
  { title: 'Position', value: row => String(row.position) },
  { title: 'What', value: row => row.what },
  { title: 'In', value: row => row.topic },
  { title: 'Stored', value: row => time(row.storedAt) },
  { title: 'Why', value: row => row.reason || '' },
], data.copies, 'none', row => '#/messages/' + row.position),
h('h3', 'When and to whom'), steps(data.steps, 'no trace of its topic or of a client followed it: Diagnostics begins one'));

export const Message = {
  props: ['id'],
  setup(props) {
    const message = loaded(() => get('messages/' + escape(props.id)));
    const traced = loaded(() => get('messages/' + escape(props.id) + '/trace'), 5);
    return () => {
      const data = message.data;
      return h('div', [
        h('p', h('a', { href: '#/messages' }, 'Messages')),
        h('h2', 'Message at ' + props.id),
        failure(message.error),
        data && traced.data ? trace(traced.data) : null,
        data && traced.error ? h('p', { class: 'dim' }, 'No trace: ' + traced.error.message) : null,
        data ? [
          panel(h('h3', 'Body (' + data.body.encoding + ', ' + number(data.body.size) + ' bytes' + (data.body.truncated ? ', the beginning' : '') + ')'), h('pre', data.body.content)),
          h('div', { class: 'columns' }, [
            panel(h('h3', 'Stored'), details({ ...data, storedAt: time(data.storedAt), bornAt: time(data.bornAt) })),
            panel(h('h3', 'MQTT'), details(data.mqtt), data.mqtt.userProperties.length ? [h('h3', 'User properties'), h('pre', data.mqtt.userProperties.join('\n'))] : null),
            panel(h('h3', 'JMS'), details(data.jms), properties(data.jms.properties)),
            panel(h('h3', 'RocketMQ'), details(data.nativeView), properties(data.nativeView.properties)),
          ]),
        ] : null,
      ]);
    };
  },
};

export const Retained = {
  setup() {
    const query = reactive({ filter: '#' });
    const list = paged('retained', 'retained', query);
    const act = doing(() => list.load(false));
    return () => h('div', [
      h('h2', 'Retained messages'),
      h('form', { class: 'row', onSubmit: e => { e.preventDefault(); list.load(false); } }, [
        field('Topic filter', query, 'filter', { type: 'search' }),
        h('button', { type: 'submit', class: 'main' }, 'Show'),
      ]),
      failure(list.error), act.view(),
      panel(table([
        { title: 'Topic', value: row => row.topic },
        { title: 'Position', render: row => h('a', { href: '#/messages/' + row.position }, String(row.position)) },
        { title: '', render: row => button('Clear', sure('Clear what is retained for ' + row.topic + '?', act.run(() =>
          remove('retained/' + escape(row.topic)).then(() => 'cleared'))), 'danger') },
      ], list.rows, 'nothing is retained there'), list.more()),
    ]);
  },
};
