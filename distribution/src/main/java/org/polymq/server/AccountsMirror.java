/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.server;

import java.util.Optional;
import java.util.function.Supplier;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Lane;
import org.polymq.broker.Reply;
import org.polymq.broker.security.Accounts;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies users, roles, access keys and tokens of the first group of a cluster into the log of another group, while this
 * node leads that one; so it lets clients in by itself when the first group is away. They are read from this node's
 * copy of the first group's log, whether it leads there or follows. Confined to the thread that {@linkplain #look
 * looks}.
 */
final class AccountsMirror {
    private static final Logger log = LoggerFactory.getLogger(AccountsMirror.class);

    private final String group;
    private final Supplier<GroupNode> first;
    private final Supplier<GroupNode> other;
    private volatile boolean underWay;
    private String told = "";

    /**
     * Into one group.
     *
     * @param group its name
     * @param first this process's node of the first group
     * @param other that of the group
     */
    AccountsMirror(String group, Supplier<GroupNode> first, Supplier<GroupNode> other) {
        this.group = group;
        this.first = first;
        this.other = other;
    }

    /** Copies what is newer; to be called some times a second. */
    void look() {
        Optional<Accounts> into = other.get().accountsIfLeading();
        if (into.isEmpty() || underWay) {
            return;
        }
        GroupNode source = first.get();
        Accounts from = source.security().accounts();
        long behind = from.version() - into.get().version();
        if (behind > 0) {
            underWay = true;
            into.get().mirror(from.copy(), Lane.direct(), Reply.of(this::mirrored, this::failed));
        } else if (behind < 0 && source.accountsIfLeading().isPresent()) {
            tell("the users of group " + group + " are newer than those of the first group, from which they were"
                    + " copied: if that was restored from a backup, change any user there and they are copied again");
        }
    }

    private void mirrored(boolean newer) {
        if (newer) {
            log.info("group {} has the users and rules of the first group", group);
        }
        underWay = false;
    }

    private void failed(BrokerException refused) {
        underWay = false;
        switch (refused.reason()) {
            case UNAVAILABLE, NOT_LEADING, LEAD_LOST, CLOSED, OUTCOME_UNKNOWN ->
                log.debug("group {}: the lead is lost", group, refused);
            default ->
                tell("the users and rules of the first group cannot be copied to group " + group + ": "
                        + refused.getMessage());
        }
    }

    /** Once, not at every look. */
    private synchronized void tell(String trouble) {
        if (!told.equals(trouble)) {
            log.warn(trouble);
            told = trouble;
        }
    }
}
