"""Words cut around mentions (jieba), tagged and parsed."""
