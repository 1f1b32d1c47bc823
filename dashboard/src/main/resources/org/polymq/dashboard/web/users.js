import { h, reactive, table, field, button, sure, loaded, doing, failure, panel } from './parts.js';
import { get, post, put, remove, escape } from './api.js';

const lines = text => text.split('\n').map(line => line.trim()).filter(Boolean);

export const Users = {
  setup() {
    const users = loaded(() => get('users'));
    const act = doing(() => users.load());
    const form = reactive({ name: '', password: '', permissions: 'allow PUB,SUB topic:plant/#', roles: '' });
    const check = reactive({ user: '', action: 'SUB', resource: 'topic:plant/#', answer: '' });
    const create = act.run(async () => {
      await post('users', { name: form.name, password: form.password, permissions: lines(form.permissions), roles: lines(form.roles.replaceAll(',', '\n')) });
      return 'made ' + form.name;
    });
    const ask = act.run(async () => {
      const answer = await get('check?user=' + escape(check.user) + '&action=' + escape(check.action) + '&resource=' + escape(check.resource));
      check.answer = answer.allowed ? 'allowed' : 'denied';
      return check.user + ' ' + check.action + ' ' + check.resource + ': ' + check.answer;
    });
    return () => h('div', [
      h('h2', 'Users and permissions'),
      failure(users.error), act.view(),
      users.data ? panel(table([
        { title: 'Name', value: row => row.name },
        { title: 'May log in', value: row => row.enabled ? 'yes' : 'no' },
        { title: 'Roles', value: row => row.roles.join(', ') },
        { title: 'Permissions', render: row => h('pre', row.permissions.join('\n')) },
        { title: '', render: row => h('div', { class: 'row' }, [
          button(row.enabled ? 'Disable' : 'Enable', act.run(() => put('users/' + escape(row.name), { enabled: !row.enabled, version: row.version }).then(() => 'changed'))),
          button('Delete', sure('Delete user ' + row.name + '?', act.run(() => remove('users/' + escape(row.name)).then(() => 'deleted'))), 'danger'),
        ]) },
      ], users.data.users, 'no user')) : null,
      panel(h('h3', 'Make one'), h('form', { onSubmit: create }, [
        h('div', { class: 'row' }, [
          field('Name', form, 'name', { required: true, autocomplete: 'off' }),
          field('Password', form, 'password', { type: 'password', required: true, autocomplete: 'new-password' }),
          field('Roles', form, 'roles'),
        ]),
        h('div', { class: 'row' }, [field('Permissions, one a line', form, 'permissions', { rows: 3 }), h('button', { type: 'submit', class: 'main' }, 'Make')]),
      ])),
      panel(h('h3', 'May they?'), h('form', { class: 'row', onSubmit: ask }, [
        field('User', check, 'user', { required: true }),
        field('Action', check, 'action', { required: true }),
        field('Resource', check, 'resource', { required: true }),
        h('button', { type: 'submit', class: 'main' }, 'Ask'),
      ])),
    ]);
  },
};
