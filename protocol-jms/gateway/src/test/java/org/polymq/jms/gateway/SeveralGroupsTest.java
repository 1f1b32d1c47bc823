/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.gateway;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Nested;

/** What holds for one broker holds for a cluster of three groups behind a gateway. */
class SeveralGroupsTest {

    @Nested
    class OfConnectionTest extends ConnectionTest {
        @Override
        JmsServer serve(Path where) throws IOException {
            return new TestCluster(where);
        }
    }

    @Nested
    class OfContextTest extends ContextTest {
        @Override
        JmsServer serve(Path where) throws IOException {
            return new TestCluster(where);
        }
    }

    @Nested
    class OfGroupTest extends GroupTest {
        @Override
        JmsServer serve(Path where) throws IOException {
            return new TestCluster(where);
        }
    }

    @Nested
    class OfListenerTest extends ListenerTest {
        @Override
        JmsServer serve(Path where) throws IOException {
            return new TestCluster(where);
        }
    }

    @Nested
    class OfMessageRoundTripTest extends MessageRoundTripTest {
        @Override
        JmsServer serve(Path where) throws IOException {
            return new TestCluster(where);
        }
    }

    @Nested
    class OfPriorityTest extends PriorityTest {
        @Override
        JmsServer serve(Path where) throws IOException {
            return new TestCluster(where);
        }
    }

    @Nested
    class OfQueueTest extends QueueTest {
        @Override
        JmsServer serve(Path where) throws IOException {
            return new TestCluster(where);
        }
    }

    @Nested
    class OfRedeliveryTest extends RedeliveryTest {
        @Override
        JmsServer serve(Path where) throws IOException {
            return new TestCluster(where);
        }
    }

    @Nested
    class OfRefusalTest extends RefusalTest {
        @Override
        JmsServer serve(Path where) throws IOException {
            return new TestCluster(where);
        }
    }

    @Nested
    class OfResumeTest extends ResumeTest {
        @Override
        JmsServer serve(Path where) throws IOException {
            return new TestCluster(where);
        }
    }

    @Nested
    class OfSelectorTest extends SelectorTest {
        @Override
        JmsServer serve(Path where) throws IOException {
            return new TestCluster(where);
        }
    }

    @Nested
    class OfSharedTest extends SharedTest {
        @Override
        JmsServer serve(Path where) throws IOException {
            return new TestCluster(where);
        }
    }

    @Nested
    class OfTemporaryTest extends TemporaryTest {
        @Override
        JmsServer serve(Path where) throws IOException {
            return new TestCluster(where);
        }
    }

    @Nested
    class OfTopicTest extends TopicTest {
        @Override
        JmsServer serve(Path where) throws IOException {
            return new TestCluster(where);
        }
    }

    @Nested
    class OfTransactionTest extends TransactionTest {
        @Override
        JmsServer serve(Path where) throws IOException {
            return new TestCluster(where);
        }
    }

    @Nested
    class OfXaTest extends XaTest {
        @Override
        JmsServer serve(Path where) throws IOException {
            return new TestCluster(where);
        }
    }

    @Nested
    class OfXaErrorTest extends XaErrorTest {
        @Override
        JmsServer serve(Path where) throws IOException {
            return new TestCluster(where);
        }
    }

    @Nested
    class OfXaRecoveryTest extends XaRecoveryTest {
        @Override
        JmsServer serve(Path where) throws IOException {
            return new TestCluster(where);
        }
    }
}
