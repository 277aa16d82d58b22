namespace SoftIov.Pcie;

/// <summary>
/// Makes the personalities of an adapter's VFs. A VF's personality is made when something first touches the VF after VF Enable, and
/// disposed (when it is <see cref="IDisposable"/>) when VF Enable goes to 0: what shall outlive that belongs to the adapter.
/// </summary>
public interface IVirtualFunctionFactory
{
    /// <summary>What all VFs have in common: identity, BARs (the SR-IOV capability sizes its VF BARs by them), interrupts.</summary>
    PersonalityDescription Description { get; }

    /// <summary>
    /// A personality in power-on state for VF <paramref name="vf"/>, counted from 0 as <c>ip link</c> does. Its BARs are those of
    /// <see cref="Description"/>.
    /// </summary>
    IPersonality Create(int vf);

    /// <summary>VF Enable was set: there are <paramref name="count"/> VFs, none made yet. Called under the adapter's lock: returns at once.</summary>
    void Enabled(int count)
    {
    }

    /// <summary>VF Enable went to 0: all personalities were disposed of. Called under the adapter's lock: returns at once.</summary>
    void Disabled()
    {
    }
}
