using System.Runtime.CompilerServices;

namespace SoftIov.Devices.Nvme;

/// <summary>A bit for each interrupt vector a controller can have.</summary>
[InlineArray(3)]
internal struct VectorBits
{
    private uint _first;

    /// <summary>Whether a vector's bit is set.</summary>
    public readonly bool IsSet(int vector) => (this[vector >> 5] >> (vector & 31) & 1) != 0;

    /// <summary>Sets or clears a vector's bit.</summary>
    public void Set(int vector, bool value)
    {
        uint bit = 1u << (vector & 31);
        this[vector >> 5] = value ? this[vector >> 5] | bit : this[vector >> 5] & ~bit;
    }
}
