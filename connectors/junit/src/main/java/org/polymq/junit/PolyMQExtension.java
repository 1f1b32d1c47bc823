/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.junit;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Runs an {@link EmbeddedBroker} for tests: one for the whole class if the extension is in a static field or given by
 * {@code @ExtendWith}, one for each test if it is in an instance field. A test method or constructor may take the
 * broker as a parameter. For JUnit 5.8 and newer, and 6.
 *
 * <pre>{@code
 * @RegisterExtension
 * static final PolyMQExtension polymq = new PolyMQExtension();
 *
 * @Test
 * void ordersArrive() {
 *     var factory = new PolyMQConnectionFactory(polymq.broker().jmsUrl());
 *     ...
 * }
 * }</pre>
 */
public final class PolyMQExtension
        implements BeforeAllCallback, AfterAllCallback, BeforeEachCallback, AfterEachCallback, ParameterResolver {
    private final Map<String, String> settings = new LinkedHashMap<>(); // guarded by this
    private int classes; // that are running, nested ones included; guarded by this
    private @Nullable EmbeddedBroker broker; // guarded by this

    /** An extension whose broker has the defaults for tests. */
    public PolyMQExtension() {}

    /**
     * Sets a key of the server's configuration for brokers that are started later.
     *
     * @return this
     */
    public synchronized PolyMQExtension with(String key, String value) {
        settings.put(key, value);
        return this;
    }

    /**
     * The broker of the test, or class of tests, that is running.
     *
     * @throws IllegalStateException if none is
     */
    public synchronized EmbeddedBroker broker() {
        if (broker == null) {
            throw new IllegalStateException("the broker runs while a test does; is the extension registered?");
        }
        return broker;
    }

    @Override
    public synchronized void beforeAll(ExtensionContext context) {
        classes++;
        start();
    }

    @Override
    public synchronized void afterAll(ExtensionContext context) {
        classes--;
        stopUnlessShared();
    }

    @Override
    public synchronized void beforeEach(ExtensionContext context) {
        start();
    }

    @Override
    public synchronized void afterEach(ExtensionContext context) {
        stopUnlessShared();
    }

    private void start() {
        if (broker == null) {
            broker = EmbeddedBroker.start(settings);
        }
    }

    private void stopUnlessShared() {
        EmbeddedBroker running = broker;
        if (classes == 0 && running != null) {
            broker = null;
            running.close();
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == EmbeddedBroker.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return broker();
    }
}
