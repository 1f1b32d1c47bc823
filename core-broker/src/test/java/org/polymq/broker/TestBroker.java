/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import org.polymq.broker.publish.Publisher;
import org.polymq.broker.state.Retention;
import org.polymq.storage.Failpoints;
import org.polymq.storage.LogConfig;
import org.polymq.storage.NioDisk;

/** A real broker core on a directory of a test. */
public final class TestBroker {
    private TestBroker() {}

    public static Broker open(Path directory) {
        return open(directory, LogConfig.defaults(directory), InstantSource.system());
    }

    public static Broker open(Path directory, LogConfig config, InstantSource clock) {
        return open(directory, config, clock, 32 << 20);
    }

    /** @param viewsMemory what the large views may take beside the heap, bytes */
    public static Broker open(Path directory, LogConfig config, InstantSource clock, long viewsMemory) {
        Broker.Settings settings = new Broker.Settings(
                "DefaultCluster",
                new Publisher.Settings(4, 4 << 20),
                new Retention.Settings(Duration.ofHours(72), Duration.ofHours(24)),
                viewsMemory);
        try {
            return Broker.open(settings, config, new NioDisk(), clock, Failpoints.NONE);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot open a broker in " + directory, e);
        }
    }
}
