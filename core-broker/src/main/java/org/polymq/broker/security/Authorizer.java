/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.security;

import java.util.ArrayList;
import java.util.List;

/**
 * The one decision of who may do what, for all protocols. Deny by default; a denial wins over every permission. Safe
 * from any thread.
 */
public final class Authorizer {
    private final boolean enabled;
    private final AccountsView accounts;

    Authorizer(boolean enabled, AccountsView accounts) {
        this.enabled = enabled;
        this.accounts = accounts;
    }

    /** Whether there is anything to decide. */
    public boolean enabled() {
        return enabled;
    }

    /**
     * Whether a principal may do something to all that the resource stands for. Adapters ask their connection's
     * {@link Access}, which remembers.
     */
    public boolean decide(Principal principal, Action action, Resource resource) {
        return !enabled || principal.equals(Principal.BROKER) || decide(rules(principal), action, resource);
    }

    /** The permissions and denials that hold for a principal now: none if there is no such user or it is disabled. */
    List<Permission> rules(Principal principal) {
        AccountsView.Account account = accounts.account(principal.name());
        if (account == null || !account.user().enabled()) {
            return List.of();
        }
        List<Permission> rules = new ArrayList<>(account.user().permissions());
        for (String name : account.user().roles()) {
            Role role = accounts.role(name);
            if (role != null) {
                rules.addAll(role.permissions());
            }
        }
        return rules;
    }

    static boolean decide(List<Permission> rules, Action action, Resource resource) {
        if (rules.isEmpty()) {
            return false;
        }
        Action asked = resource.type() == ResourceType.GROUP && action == Action.PUB ? Action.SUB : action;
        for (Permission rule : rules) {
            if (!rule.allowed() && rule.touches(asked, resource)) {
                return false;
            }
        }
        if (resource.type() == ResourceType.TEMPORARY) {
            return action == Action.PUB;
        }
        boolean named = false;
        for (Permission rule : rules) {
            if (rule.allowed()) {
                if (rule.covers(asked, resource)) {
                    return true;
                }
                named |= rule.type() == ResourceType.CLIENT;
            }
        }
        // Client ids are free to choose for a user whose permissions do not speak of them.
        return resource.type() == ResourceType.CLIENT && asked == Action.SUB && !named;
    }

    long generation() {
        return accounts.generation();
    }
}
