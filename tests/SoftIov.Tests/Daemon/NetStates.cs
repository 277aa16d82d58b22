using SoftIov.Api;

namespace SoftIov.Tests.Daemon;

/// <summary>Desired states of net adapters.</summary>
internal static class NetStates
{
    /// <summary>The adapter at a place of the list.</summary>
    public static NetAdapterSpec Net(this DesiredState state, int index = 0) => (NetAdapterSpec)state.Adapters[index];
}
