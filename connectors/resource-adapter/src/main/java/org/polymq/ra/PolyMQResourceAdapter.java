/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.ra;

import jakarta.resource.NotSupportedException;
import jakarta.resource.ResourceException;
import jakarta.resource.spi.ActivationSpec;
import jakarta.resource.spi.BootstrapContext;
import jakarta.resource.spi.ResourceAdapter;
import jakarta.resource.spi.ResourceAdapterInternalException;
import jakarta.resource.spi.UnavailableException;
import jakarta.resource.spi.endpoint.MessageEndpointFactory;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.transaction.xa.XAResource;
import org.jspecify.annotations.Nullable;

/**
 * What a Jakarta EE server starts and stops: it delivers to message-driven beans, and its settings hold for all that
 * say nothing else.
 */
public class PolyMQResourceAdapter extends BrokerSettings implements ResourceAdapter {
    private static final long serialVersionUID = 1L;

    private final transient Factories factories = new Factories();
    private final transient Map<ActivationKey, Activation> activations = new ConcurrentHashMap<>();
    private transient volatile @Nullable Engine engine;

    /** For the server. */
    public PolyMQResourceAdapter() {}

    @Override
    public void start(BootstrapContext context) throws ResourceAdapterInternalException {
        try {
            engine = new Engine(context.getWorkManager(), context.createTimer(), factories);
        } catch (UnavailableException e) {
            throw new ResourceAdapterInternalException("the server gives no timer", e);
        }
    }

    @Override
    public void stop() {
        activations.values().forEach(Activation::stop);
        activations.clear();
        Engine running = engine;
        if (running != null) {
            running.timer().cancel();
            engine = null;
        }
        factories.close();
    }

    @Override
    public void endpointActivation(MessageEndpointFactory endpoints, ActivationSpec spec) throws ResourceException {
        Engine running = engine;
        if (running == null) {
            throw new ResourceException("the resource adapter is not started");
        }
        PolyMQActivationSpec given = own(spec);
        given.validate();
        Activation activation = new Activation(running, endpoints, given, target());
        activations.put(new ActivationKey(endpoints, spec), activation);
        activation.start();
    }

    @Override
    public void endpointDeactivation(MessageEndpointFactory endpoints, ActivationSpec spec) {
        Activation activation = activations.remove(new ActivationKey(endpoints, spec));
        if (activation != null) {
            activation.stop();
        }
    }

    /** One for each broker and user that the beans have: the server asks them for branches that wait for a decision. */
    @Override
    public XAResource[] getXAResources(ActivationSpec[] specs) throws ResourceException {
        Set<Target> targets = new LinkedHashSet<>();
        for (ActivationSpec spec : specs) {
            Target target = own(spec).target(target());
            targets.add(new Target(target.serverUrl(), target.options(), null, target.login()));
        }
        return targets.stream()
                .map(target -> new RecoveryResource(factories, target))
                .toArray(XAResource[]::new);
    }

    private static PolyMQActivationSpec own(ActivationSpec spec) throws ResourceException {
        if (spec instanceof PolyMQActivationSpec given) {
            return given;
        }
        throw new NotSupportedException("an activation of PolyMQ is needed: " + spec);
    }

    Factories factories() {
        return factories;
    }

    Target target() {
        return settings(null);
    }

    /** By its settings, as Jakarta Connectors asks for. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof PolyMQResourceAdapter that && target().equals(that.target());
    }

    @Override
    public int hashCode() {
        return target().hashCode();
    }

    /** One activation of one bean; the same objects come back when it ends. */
    private record ActivationKey(MessageEndpointFactory endpoints, ActivationSpec spec) {
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof ActivationKey that && endpoints.equals(that.endpoints) && spec == that.spec;
        }

        @Override
        public int hashCode() {
            return endpoints.hashCode();
        }
    }
}
