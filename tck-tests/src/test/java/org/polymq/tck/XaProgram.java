/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck;

import com.arjuna.ats.arjuna.common.CoordinatorEnvironmentBean;
import com.arjuna.ats.arjuna.common.CoreEnvironmentBean;
import com.arjuna.ats.arjuna.common.ObjectStoreEnvironmentBean;
import com.arjuna.ats.arjuna.common.RecoveryEnvironmentBean;
import com.arjuna.ats.arjuna.recovery.RecoveryManager;
import com.arjuna.ats.internal.jta.recovery.arjunacore.JTANodeNameXAResourceOrphanFilter;
import com.arjuna.ats.internal.jta.recovery.arjunacore.JTATransactionLogXAResourceOrphanFilter;
import com.arjuna.ats.internal.jta.recovery.arjunacore.XARecoveryModule;
import com.arjuna.ats.jta.common.JTAEnvironmentBean;
import com.arjuna.ats.jta.recovery.XAResourceRecoveryHelper;
import com.arjuna.common.internal.util.propertyservice.BeanPopulator;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.XAConnection;
import jakarta.jms.XAConnectionFactory;
import jakarta.jms.XASession;
import jakarta.transaction.TransactionManager;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.jspecify.annotations.Nullable;
import org.polymq.jms.PolyMQXAConnectionFactory;

/**
 * An application with Narayana as its transaction manager: moves messages from one queue to another, and can stand
 * still at a point between prepare and commit. It says where it is on standard output.
 *
 * <pre>{@code
 * XaProgram URL STORE move COUNT never|undecided|decided commit|rollback
 * XaProgram URL STORE recover
 * }</pre>
 */
public final class XaProgram {
    private static final String NODE = "tck";
    private static final long PATIENCE = 60_000;

    private final XAConnectionFactory factory;

    private XaProgram(XAConnectionFactory factory) {
        this.factory = factory;
    }

    public static void main(String[] args) throws Exception {
        configure(Path.of(args[1]));
        XaProgram program = new XaProgram(new PolyMQXAConnectionFactory(args[0]));
        RecoveryManager recovery = program.recovery();
        if (args[2].equals("move")) {
            program.move(Integer.parseInt(args[3]), args[4], args[5].equals("commit"));
        }
        program.recover(recovery);
        System.out.println("END");
        System.exit(0);
    }

    private static void configure(Path store) throws Exception {
        for (String name : new String[] {"default", "communicationStore", "stateStore"}) {
            ObjectStoreEnvironmentBean bean = name.equals("default")
                    ? BeanPopulator.getDefaultInstance(ObjectStoreEnvironmentBean.class)
                    : BeanPopulator.getNamedInstance(ObjectStoreEnvironmentBean.class, name);
            bean.setObjectStoreDir(store.toString());
        }
        BeanPopulator.getDefaultInstance(CoreEnvironmentBean.class).setNodeIdentifier(NODE);
        BeanPopulator.getDefaultInstance(CoordinatorEnvironmentBean.class).setDefaultTimeout(300);
        RecoveryEnvironmentBean recovery = BeanPopulator.getDefaultInstance(RecoveryEnvironmentBean.class);
        recovery.setRecoveryBackoffPeriod(1);
        JTAEnvironmentBean jta = BeanPopulator.getDefaultInstance(JTAEnvironmentBean.class);
        jta.setXaRecoveryNodes(List.of(NODE));
        jta.setOrphanSafetyInterval(1);
        jta.setXaResourceOrphanFilters(
                List.of(new JTATransactionLogXAResourceOrphanFilter(), new JTANodeNameXAResourceOrphanFilter()));
    }

    // ---- work

    /** Moves messages in one transaction with two resources, so that it has two phases. */
    private void move(int count, String stop, boolean commit) throws Exception {
        TransactionManager manager = com.arjuna.ats.jta.TransactionManager.transactionManager();
        XAConnection connection = factory.createXAConnection();
        connection.start();
        XASession session = connection.createXASession();
        MessageConsumer consumer = session.createConsumer(session.createQueue("xa.in"));
        MessageProducer producer = session.createProducer(session.createQueue("xa.out"));
        Other.stop = stop;
        manager.begin();
        // The first resource prepares and commits first: it stops before the broker hears of the decision.
        manager.getTransaction().enlistResource(new Other("decided"));
        manager.getTransaction().enlistResource(session.getXAResource());
        manager.getTransaction().enlistResource(new Other("undecided"));
        for (int i = 0; i < count; i++) {
            Message message = consumer.receive(PATIENCE);
            if (message == null) {
                throw new IllegalStateException("no message");
            }
            producer.send(message);
        }
        try {
            if (commit) {
                manager.commit();
                System.out.println("COMMITTED");
            } else {
                manager.rollback();
                System.out.println("ROLLED BACK");
            }
        } catch (jakarta.transaction.RollbackException
                | jakarta.transaction.HeuristicMixedException
                | jakarta.transaction.HeuristicRollbackException
                | RuntimeException e) {
            System.out.println("FAILED " + e);
        }
        try {
            connection.close();
        } catch (JMSException e) {
            System.out.println("the connection is gone: " + e.getMessage());
        }
    }

    /** Another resource of the transaction, which may stand still: everything goes well there otherwise. */
    private static final class Other implements XAResource, Serializable {
        private static final long serialVersionUID = 1;

        @SuppressWarnings("NonFinalStaticField") // the program's one argument
        private static String stop = "never";

        private final String name;

        Other(String name) {
            this.name = name;
        }

        private void reached(String point) {
            if (point.equals(name) && point.equals(stop)) {
                System.out.println("AT " + point);
                try {
                    if (System.in.read() < 0) {
                        System.out.println("nobody says go on");
                    }
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            }
        }

        @Override
        public int prepare(Xid xid) {
            reached("undecided");
            return XA_OK;
        }

        @Override
        public void commit(Xid xid, boolean onePhase) {
            reached("decided");
        }

        @Override
        public void start(Xid xid, int flags) {}

        @Override
        public void end(Xid xid, int flags) {}

        @Override
        public void rollback(Xid xid) {}

        @Override
        public void forget(Xid xid) {}

        @Override
        public Xid[] recover(int flags) {
            return new Xid[0];
        }

        @Override
        public boolean isSameRM(XAResource other) {
            return other == this;
        }

        @Override
        public int getTransactionTimeout() {
            return 0;
        }

        @Override
        public boolean setTransactionTimeout(int seconds) {
            return false;
        }
    }

    // ---- recovery

    private RecoveryManager recovery() {
        RecoveryManager manager = RecoveryManager.manager(RecoveryManager.DIRECT_MANAGEMENT);
        manager.removeAllModules(true);
        manager.addModule(new com.arjuna.ats.internal.arjuna.recovery.AtomicActionRecoveryModule());
        XARecoveryModule module = new XARecoveryModule();
        module.addXAResourceRecoveryHelper(new Helper());
        manager.addModule(module);
        return manager;
    }

    /** Gives recovery a resource of the broker that is there now. */
    private final class Helper implements XAResourceRecoveryHelper {
        private @Nullable XAConnection connection;

        @Override
        public boolean initialise(String properties) {
            return true;
        }

        @Override
        public XAResource[] getXAResources() throws Exception {
            if (connection != null) {
                try {
                    connection.close();
                } catch (JMSException e) {
                    System.out.println("the connection is gone: " + e.getMessage());
                }
            }
            XAConnection fresh = factory.createXAConnection();
            connection = fresh;
            return new XAResource[] {fresh.createXASession().getXAResource()};
        }
    }

    /** Lets Narayana's recovery look until the broker has no prepared branch. */
    private void recover(RecoveryManager recovery) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE);
        while (true) {
            recovery.scan();
            try (XAConnection connection = factory.createXAConnection()) {
                XAResource resource = connection.createXASession().getXAResource();
                int prepared = resource.recover(XAResource.TMSTARTRSCAN | XAResource.TMENDRSCAN).length;
                System.out.println("PREPARED " + prepared);
                if (prepared == 0) {
                    return;
                }
            } catch (JMSException | XAException e) {
                System.out.println("the broker is not there: " + e.getMessage());
            }
            if (System.nanoTime() > end) {
                throw new IllegalStateException("recovery does not end");
            }
        }
    }
}
