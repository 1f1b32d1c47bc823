/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.gateway;

import java.time.Duration;
import java.util.List;
import org.polymq.broker.Reply;
import org.polymq.broker.xa.BranchId;
import org.polymq.broker.xa.ClusterBranches;
import org.polymq.broker.xa.XaAnswer;
import org.polymq.broker.xa.XaTransactions;
import org.polymq.jms.wire.Frame.Branch;
import org.polymq.jms.wire.Frame.BranchStep;
import org.polymq.jms.wire.Frame.InDoubt;
import org.polymq.jms.wire.Frame.Node;
import org.polymq.jms.wire.Frame.XaBranches;
import org.polymq.jms.wire.XaId;

/** What gateways ask of a group about transactions over several groups. Confined to its connection's event loop. */
final class NodeRequests {
    private final JmsConnection connection;
    private final Transactions transactions;
    private final XaTransactions branches;
    private final ClusterBranches cluster;

    NodeRequests(JmsConnection connection, Transactions transactions, XaTransactions branches) {
        this.connection = connection;
        this.transactions = transactions;
        this.branches = branches;
        this.cluster = branches.cluster();
    }

    /** @throws org.polymq.broker.BrokerException INVALID_REQUEST if a name cannot be one */
    void answer(int correlation, Node frame) {
        if (frame instanceof Branch branch) {
            BranchId id = Transactions.branch(branch.id());
            BranchId as = Transactions.branch(branch.as()); // malformed ones are refused before they count
            step(branch.step(), id, as, transactions.onItsWay(correlation));
        } else if (frame instanceof InDoubt asked) {
            List<XaId> ids = cluster.waiting(Duration.ofSeconds(asked.seconds()), asked.begin()).stream()
                    .map(id -> new XaId(id.format(), id.globalBytes(), id.qualifierBytes()))
                    .toList();
            connection.reply(correlation, new XaBranches(ids));
        }
    }

    private void step(BranchStep step, BranchId id, BranchId as, Reply<XaAnswer> reply) {
        switch (step) {
            case ASK ->
                reply.ok(branches.ask(id, connection.access().principal().name()));
            case PREPARE_AS ->
                branches.prepareAs(id, as, connection.access().principal().name(), connection.lane(), reply);
            case DECIDE -> cluster.decide(id, connection.lane(), reply);
            case COMMIT -> cluster.follow(id, true, connection.lane(), reply);
            case ROLLBACK -> cluster.follow(id, false, connection.lane(), reply);
            case OUTCOME -> cluster.outcome(id, connection.lane(), reply);
            case FORGET -> cluster.forget(id, connection.lane(), reply);
        }
    }
}
