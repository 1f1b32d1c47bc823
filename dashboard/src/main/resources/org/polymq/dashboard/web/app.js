// The frame around the pages: log in, navigation, the page that the address names.
import { createApp, h, reactive, onMounted } from './lib/vue.js';
import * as api from './api.js';
import { failure } from './parts.js';
import { Overview } from './overview.js';
import { Topics, Topic } from './topics.js';
import { Groups, Group, Subscriptions } from './groups.js';
import { Clients, Client, Sessions, Session } from './clients.js';
import { Messages, Message, Retained } from './messages.js';
import { Users } from './users.js';
import { DeadLetters, Letters, Delayed } from './letters.js';
import { Connectors, Connector } from './connectors.js';
import { Nodes, Config, AuditLog, Diagnostics } from './server.js';
import { TryIt } from './tryit.js';

const PAGES = [
  { path: 'overview', title: 'Overview', page: Overview },
  { path: 'topics', title: 'Topics and queues', page: Topics, one: Topic },
  { path: 'groups', title: 'Consumer groups', page: Groups, one: Group },
  { path: 'subscriptions', title: 'Subscriptions', page: Subscriptions },
  { path: 'clients', title: 'Clients', page: Clients, one: Client },
  { path: 'sessions', title: 'MQTT sessions', page: Sessions, one: Session },
  { path: 'messages', title: 'Messages', page: Messages, one: Message },
  { path: 'retained', title: 'Retained', page: Retained },
  { path: 'dead-letters', title: 'Dead letters', page: DeadLetters, one: Letters },
  { path: 'delayed', title: 'Delayed', page: Delayed },
  { path: 'connectors', title: 'Connectors', page: Connectors, one: Connector },
  { path: 'users', title: 'Users', page: Users },
  { path: 'audit', title: 'Audit log', page: AuditLog },
  { path: 'nodes', title: 'Nodes', page: Nodes },
  { path: 'config', title: 'Configuration', page: Config },
  { path: 'diagnostics', title: 'Diagnostics', page: Diagnostics },
  { path: 'try', title: 'Try it', page: TryIt },
];

const Login = {
  emits: ['done'],
  setup(props, { emit }) {
    const form = reactive({ user: 'admin', password: '', error: null });
    const submit = async event => {
      event.preventDefault();
      try {
        await api.login(form.user, form.password);
        emit('done');
      } catch (e) {
        form.error = e;
      }
    };
    return () => h('form', { class: 'panel login', onSubmit: submit }, [
      h('h2', 'PolyMQ'),
      failure(form.error),
      h('label', ['User', h('input', { value: form.user, autocomplete: 'username', onInput: e => { form.user = e.target.value; } })]),
      h('label', ['Password', h('input', { type: 'password', autocomplete: 'current-password', onInput: e => { form.password = e.target.value; } })]),
      h('button', { class: 'main', type: 'submit' }, 'Log in'),
    ]);
  },
};

const App = {
  setup() {
    const state = reactive({ route: location.hash.slice(2), who: null, login: false, error: null });
    const enter = async () => {
      try {
        state.who = await api.get('whoami');
        state.login = false;
        state.error = null;
      } catch (e) {
        state.error = e.status === 401 ? null : e;
        state.login = e.status === 401;
      }
    };
    api.whenLoggedOut(() => { state.login = true; state.who = null; });
    addEventListener('hashchange', () => { state.route = location.hash.slice(2); });
    onMounted(enter);
    const theme = () => {
      const root = document.documentElement;
      const dark = root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
      root.dataset.theme = dark ? 'light' : 'dark';
    };
    return () => {
      if (state.login) { return h(Login, { onDone: enter }); }
      const [path, ...rest] = (state.route || 'overview').split('/');
      const page = PAGES.find(one => one.path === path) || PAGES[0];
      const id = rest.length ? decodeURIComponent(rest.join('/')) : null;
      return h('div', { class: 'shell' }, [
        h('a', { class: 'skip', href: '#main', onClick: e => { e.preventDefault(); document.getElementById('main').focus(); } }, 'Skip to the page'),
        h('nav', { 'aria-label': 'Pages' }, [
          h('h1', 'PolyMQ'),
          h('ul', PAGES.map(one => h('li', h('a', {
            href: '#/' + one.path,
            'aria-current': one === page ? 'page' : undefined,
          }, one.title)))),
        ]),
        h('main', { id: 'main', tabindex: -1 }, [
          h('header', [
            state.who ? h('span', state.who.securityEnabled ? state.who.user : 'security is off') : null,
            h('button', { type: 'button', onClick: theme }, 'Light or dark'),
            state.who && state.who.securityEnabled ? h('button', { type: 'button', onClick: api.logout }, 'Log out') : null,
          ]),
          failure(state.error),
          state.who ? h(id !== null && page.one ? page.one : page.page, { key: state.route, id }) : null,
        ]),
      ]);
    };
  },
};

createApp(App).mount('#app');
