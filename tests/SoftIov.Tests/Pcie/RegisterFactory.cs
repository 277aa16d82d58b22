using SoftIov.Pcie;

namespace SoftIov.Tests.Pcie;

/// <summary>Makes VFs of <see cref="RegisterPersonality"/> and remembers them.</summary>
internal sealed class RegisterFactory(int vectors = RegisterPersonality.Vectors, int msi = 0) : IVirtualFunctionFactory
{
    public const ushort DeviceId = 0x0011;

    public PersonalityDescription Description { get; init; } = RegisterPersonality.Describe(DeviceId, vectors, msi: msi);

    /// <summary>MSI-X vectors of the VFs made from now on.</summary>
    public int Vectors { get; set; } = vectors;

    /// <summary>What the next VF fails with.</summary>
    public Exception? Failure { get; set; }

    /// <summary>The personality made last for each VF.</summary>
    public Dictionary<int, RegisterPersonality> Made { get; } = [];

    public int Creations { get; private set; }

    /// <summary>How often VF Enable went to 0 with VFs there.</summary>
    public int DisabledCount { get; private set; }

    /// <summary>VFs of the last time they were enabled.</summary>
    public int EnabledVfs { get; private set; }

    public void Enabled(int count) => EnabledVfs = count;

    public void Disabled() => DisabledCount++;

    public IPersonality Create(int vf)
    {
        if (Failure is { } failure)
            throw failure;
        Creations++;
        return Made[vf] = new RegisterPersonality(Description with { MsixVectorCount = Vectors });
    }
}
