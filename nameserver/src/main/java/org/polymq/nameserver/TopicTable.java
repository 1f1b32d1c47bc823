/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.nameserver;

import org.polymq.remoting.wire.body.DataVersion;
import org.polymq.remoting.wire.body.RegisterBrokerBody;

/** What a broker serves, as {@link Registration} asks for it. Called from the registration's event loop. */
public interface TopicTable {
    /** Changes whenever the topics change; cheap. */
    DataVersion version();

    /** All topics as of {@link #version}. */
    RegisterBrokerBody snapshot();
}
