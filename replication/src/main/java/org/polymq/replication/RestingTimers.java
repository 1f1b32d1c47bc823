/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.replication;

import com.alipay.sofa.jraft.util.SPI;
import com.alipay.sofa.jraft.util.timer.DefaultRaftTimerFactory;
import com.alipay.sofa.jraft.util.timer.DefaultTimer;
import com.alipay.sofa.jraft.util.timer.Timer;

/**
 * Timers of the engine that sleep until something is due. Those that it makes by itself are wheels that turn once a
 * millisecond, four for each group, whether or not anything is due for seconds. Found by the engine as a service.
 */
@SPI(priority = 1)
public final class RestingTimers extends DefaultRaftTimerFactory {
    @Override
    public Timer createTimer(String name) {
        return new DefaultTimer(1, name);
    }
}
