import { h, reactive, table, number, field, choice, button, sure, loaded, doing, paged, failure, panel, card } from './parts.js';
import { get, put, post, remove, escape } from './api.js';

const STYLES = { running: 'good', failed: 'bad', retrying: 'warn' };

const state = row => h('span', { class: STYLES[row.state] || '' }, row.state);

/** Lines of key=value as a configuration; a line that is none is an error. */
function parse(text) {
  const config = {};
  for (const line of text.split('\n').map(each => each.trim()).filter(each => each && !each.startsWith('#'))) {
    const equals = line.indexOf('=');
    if (equals < 1) { throw new Error('"' + line + '" is no key=value'); }
    config[line.slice(0, equals).trim()] = line.slice(equals + 1).trim();
  }
  return config;
}

const written = config => Object.keys(config).sort().map(key => key + '=' + config[key]).join('\n');

const told = problems => problems.length
  ? table([{ title: 'Key', value: row => row.key }, { title: 'What is wrong', value: row => row.message }], problems)
  : null;

export const Connectors = {
  setup() {
    const query = reactive({ name: '' });
    const list = paged('connectors', 'connectors', query);
    const plugins = loaded(() => get('connector-plugins'));
    const form = reactive({ name: '', kind: 'connect', config: '', problems: [] });
    const act = doing(() => list.load(false));
    const wanted = () => ({ name: form.name, kind: form.kind, config: parse(form.config) });
    const check = act.run(async () => {
      form.problems = (await post('connector-checks', wanted())).problems;
      return form.problems.length ? number(form.problems.length) + ' problems' : 'nothing is wrong with it';
    });
    const create = act.run(async () => {
      await post('connectors', wanted());
      form.problems = [];
      return form.name + ' is made';
    });
    return () => h('div', [
      h('h2', 'Connectors'),
      h('p', { class: 'dim' }, 'Kafka Connect plugins and bridges that bring messages from other systems or take them there.'),
      h('form', { class: 'row', onSubmit: e => { e.preventDefault(); list.load(false); } }, [
        field('Name contains', query, 'name', { type: 'search' }),
        h('button', { type: 'submit', class: 'main' }, 'Show'),
      ]),
      failure(list.error),
      panel(table([
        { title: 'Name', value: row => row.name },
        { title: 'Kind', value: row => row.kind },
        { title: 'State', render: state },
        { title: 'Tasks', number: true, value: row => row.failed ? number(row.failed) + ' of ' + number(row.tasks) + ' failed' : number(row.tasks) },
        { title: 'Brought', number: true, value: row => number(row.received) },
        { title: 'Taken', number: true, value: row => number(row.sent) },
        { title: 'Waiting', number: true, value: row => number(row.lag) },
        { title: 'Last error', value: row => row.error || '' },
      ], list.rows, 'no connector yet', row => '#/connectors/' + escape(row.name)), list.more()),
      panel(h('h3', 'Make one'), act.view(), told(form.problems), h('form', { onSubmit: create }, [
        h('div', { class: 'row' }, [
          field('Name', form, 'name', { required: true }),
          choice('Kind', form, 'kind', ['connect', 'bridge']),
        ]),
        field('Configuration, a key=value in each line', form, 'config', { rows: 8, required: true, spellcheck: false }),
        h('div', { class: 'row' }, [
          button('Check', check),
          h('button', { type: 'submit', class: 'main' }, 'Make it'),
        ]),
      ])),
      panel(h('h3', 'Plugins'), failure(plugins.error), plugins.data ? table([
        { title: 'Kind', value: row => row.kind },
        { title: 'Type', value: row => row.type },
        { title: 'Name', value: row => row.name },
        { title: 'Version', value: row => row.version },
        { title: 'Where', value: row => row.location },
      ], plugins.data.plugins, 'no plugin is installed: connectors.plugins names the directory') : null),
    ]);
  },
};

export const Connector = {
  props: ['id'],
  setup(props) {
    const path = 'connectors/' + escape(props.id);
    const connector = loaded(() => get(path), 3);
    const act = doing(() => connector.load());
    const form = reactive({ config: null });
    const tell = (what, done) => act.run(() => post(path + '/' + what).then(() => done));
    const change = act.run(async () => {
      await put(path, { config: parse(form.config) });
      form.config = null;
      return 'changed';
    });
    return () => {
      const data = connector.data;
      return h('div', [
        h('p', h('a', { href: '#/connectors' }, 'All connectors')),
        h('h2', props.id),
        failure(connector.error), act.view(),
        data ? [
          h('div', { class: 'cards' }, [
            card(data.kind, state(data)),
            card('brought', number(data.counts.received)),
            card('taken', number(data.counts.sent)),
            card('waiting in the log', number(data.lag)),
            card('errors', number(data.counts.errors), data.counts.errors ? 'warn' : ''),
            card('restarts', number(data.counts.restarts)),
            card('dead letters', number(data.counts.deadLetters)),
            card('missed', number(data.counts.missed), data.counts.missed ? 'bad' : ''),
          ]),
          data.error ? h('p', { class: 'panel alert bad', role: 'alert' }, data.error) : null,
          h('div', { class: 'row' }, [
            data.target === 'running' ? button('Pause', tell('pause', 'paused')) : button('Resume', tell('resume', 'runs')),
            data.target === 'stopped' ? null : button('Stop', tell('stop', 'stopped')),
            data.target === 'stopped' ? null : button('Restart', tell('restart', 'started anew')),
            button('Delete', sure('Delete connector ' + props.id + ' with its positions?', act.run(async () => {
              await remove(path);
              location.hash = '#/connectors';
            })), 'danger'),
          ]),
          panel(h('h3', 'Tasks'), table([
            { title: 'Task', number: true, value: row => (row.group ? row.group + '-' : '') + row.id },
            { title: 'State', render: state },
            { title: 'Last error', value: row => row.error || '' },
            { title: '', render: row => row.group && !data.lends ? null : button('Restart', tell('tasks/' + row.id + '/restart', 'task ' + row.id + ' is started anew')) },
          ], data.tasks, 'no task')),
          panel(h('h3', 'Configuration'), h('p', { class: 'dim' }, [
            data.user ? 'Acts as ' + data.user + '. ' : '', 'Reads as the consumer group ', h('a', { href: '#/groups/' + escape(data.group) }, data.group), '.',
          ]), form.config === null
            ? [h('pre', written(data.config)), button('Change', () => { form.config = written(data.config); })]
            : h('form', { onSubmit: change }, [
              field('A key=value in each line; ******** stays as it is', form, 'config', { rows: 12, spellcheck: false }),
              h('div', { class: 'row' }, [
                h('button', { type: 'submit', class: 'main' }, 'Change and start anew'),
                button('Leave it', () => { form.config = null; }),
              ]),
            ])),
        ] : null,
      ]);
    };
  },
};
