/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.ra;

/** The same for applications that ask for a {@code QueueConnectionFactory}: servers tell pools apart by this class. */
public final class PolyMQQueueManagedConnectionFactory extends PolyMQManagedConnectionFactory {
    private static final long serialVersionUID = 1L;

    /** For the server. */
    public PolyMQQueueManagedConnectionFactory() {}
}
